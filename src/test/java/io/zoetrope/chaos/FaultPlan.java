package io.zoetrope.chaos;

import io.zoetrope.chaos.Fault.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// What will be done, from the seed alone: each kind has a sequence of its own, so that kinds may be left out without
/// changing what the others do.
final class FaultPlan {

    private final FaultKind kind;
    private final List<Place> places;
    private final Random random;
    private final List<Place> left = new ArrayList<>();

    /// @param steps of denoising of a job
    FaultPlan(long seed, FaultKind kind, int steps) {
        this.kind = kind;
        this.places = Place.all(steps);
        this.random = new Random(seed * 1_000_003 + kind.ordinal());
    }

    Fault next() {
        return switch (kind) {
            case KILL -> {
                Place place = place();
                yield new Fault.Kill(place, soon(place), between(300, 1_500));
            }
            case PAUSE -> {
                Place place = place();
                yield new Fault.Pause(place, soon(place), upTo(3_000));
            }
            case TERM -> {
                Place place = place();
                yield new Fault.Terminate(place, soon(place));
            }
            case BROKER -> new Fault.BrokerRestart(between(6_000, 14_000), random.nextBoolean(), upTo(4_000));
            case STORE -> new Fault.StoreOutage(between(4_000, 10_000), random.nextDouble(), between(500, 8_000));
            case DUPLICATE ->
                new Fault.Duplicate(
                        upTo(300),
                        Moment.values()[random.nextInt(Moment.values().length)],
                        random.nextInt(12) == 0,
                        random.nextDouble());
            case CANCEL -> new Fault.CancelStorm(between(500, 4_000), 1 + random.nextInt(4), random.nextDouble());
        };
    }

    /// All places once, in random order, before any comes again.
    private Place place() {
        if (left.isEmpty()) {
            left.addAll(places);
            Collections.shuffle(left, random);
        }
        return left.removeLast();
    }

    /// Before the worker has left the place, most likely.
    private Duration soon(Place place) {
        return place.isLong() ? upTo(150) : upTo(8);
    }

    private Duration upTo(int milliseconds) {
        return Duration.ofMillis(random.nextInt(milliseconds));
    }

    private Duration between(int least, int most) {
        return Duration.ofMillis(least + random.nextInt(most - least));
    }
}
