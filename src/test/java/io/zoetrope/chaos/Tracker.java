package io.zoetrope.chaos;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Follows the facts: which worker is at which place of which jobs.
final class Tracker {

    record Attempt(JobId job, int number) {}

    /// @param worker id of the process
    record Spot(String worker, Place place) {}

    private final Map<Attempt, Spot> spots = new LinkedHashMap<>();
    private final Map<JobId, Integer> newest = new HashMap<>();

    /// @return where the fact leaves its attempt; empty if it ends it or says nothing of a place
    Optional<Spot> apply(GenerationEvent fact) {
        Attempt attempt = new Attempt(fact.job(), fact.header().attempt());
        return switch (fact) {
            case GenerationEvent.Accepted accepted -> move(attempt, accepted.worker(), Place.RECEIVED);
            case GenerationEvent.StageStarted started -> {
                Spot before = spots.get(attempt);
                boolean resumed = started.stage() == Stage.DENOISE
                        && before != null
                        && before.place().name().startsWith("step ");
                yield move(attempt, started.worker(), resumed ? before.place() : Place.in(started.stage()));
            }
            case GenerationEvent.Resumed resumed ->
                resumed.stage() == Stage.DENOISE && resumed.fromStep() > 0
                        ? move(attempt, resumed.worker(), Place.afterStep(resumed.fromStep(), Sample.STEPS))
                        : move(
                                attempt,
                                resumed.worker(),
                                spots.containsKey(attempt) ? spots.get(attempt).place() : Place.RECEIVED);
            case GenerationEvent.StepCompleted step ->
                workerOf(attempt).flatMap(worker -> move(attempt, worker, Place.afterStep(step.step(), step.steps())));
            case GenerationEvent.StageCompleted completed ->
                move(attempt, completed.worker(), Place.after(completed.stage()));
            case GenerationEvent.Released _ -> forget(attempt);
            case GenerationEvent.Completed _,
                    GenerationEvent.Failed _,
                    GenerationEvent.Rejected _,
                    GenerationEvent.Cancelled _ -> {
                spots.keySet().removeIf(other -> other.job().equals(fact.job()));
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    void forget(String worker) {
        spots.values().removeIf(spot -> spot.worker().equals(worker));
    }

    /// The attempts that a worker has in hand.
    List<Attempt> attempts(String worker) {
        return spots.entrySet().stream()
                .filter(entry -> entry.getValue().worker().equals(worker))
                .map(Map.Entry::getKey)
                .toList();
    }

    List<Place> places(String worker) {
        return spots.values().stream()
                .filter(spot -> spot.worker().equals(worker))
                .map(Spot::place)
                .toList();
    }

    /// Whether a later attempt has begun.
    boolean isSuperseded(Attempt attempt) {
        return newest.getOrDefault(attempt.job(), 0) > attempt.number();
    }

    private Optional<String> workerOf(Attempt attempt) {
        return Optional.ofNullable(spots.get(attempt)).map(Spot::worker);
    }

    private Optional<Spot> move(Attempt attempt, String worker, Place place) {
        Spot spot = new Spot(worker, place);
        newest.merge(attempt.job(), attempt.number(), Math::max);
        spots.entrySet()
                .removeIf(other -> other.getKey().job().equals(attempt.job())
                        && other.getKey().number() < attempt.number()
                        && (other.getValue().worker().equals(worker)
                                || other.getValue().place().isHandover()));
        spots.put(attempt, spot);
        return Optional.of(spot);
    }

    private Optional<Spot> forget(Attempt attempt) {
        spots.remove(attempt);
        return Optional.empty();
    }
}
