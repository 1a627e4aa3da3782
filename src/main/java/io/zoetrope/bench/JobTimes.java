package io.zoetrope.bench;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Where the time of one job went, from the call that publishes its request to the moment at which whoever waits has
/// read its end.
final class JobTimes {

    private final Instant published;
    private Instant accepted;
    private Instant completed;
    private Instant read;
    private final Map<Stage, Instant> started = new EnumMap<>(Stage.class);
    private final Map<Stage, Instant> done = new EnumMap<>(Stage.class);
    private final Map<Stage, Duration> durations = new EnumMap<>(Stage.class);

    JobTimes(Instant published) {
        this.published = published;
    }

    /// Takes the job's next fact.
    ///
    /// @param now when it was read
    /// @return whether it was the last
    /// @throws IllegalStateException if the job ended otherwise than completed
    boolean hear(GenerationEvent fact, Instant now) {
        switch (fact) {
            case GenerationEvent.Accepted at -> accepted = at.header().at();
            case GenerationEvent.StageStarted at ->
                started.put(at.stage(), at.header().at());
            case GenerationEvent.StageCompleted at -> {
                done.put(at.stage(), at.header().at());
                durations.put(at.stage(), at.duration());
            }
            case GenerationEvent.Completed at -> {
                completed = at.header().at();
                read = now;
            }
            default -> {
                if (fact.terminal()) {
                    throw new IllegalStateException("job %s ended as %s".formatted(fact.job(), fact));
                }
            }
        }
        return read != null;
    }

    /// From publishing to reading the end, seconds.
    double total() {
        return seconds(published, read);
    }

    /// The stages by their own clocks, what they read and store included, seconds.
    double stages() {
        return durations.values().stream()
                .mapToDouble(each -> each.toNanos() / 1e9)
                .sum();
    }

    /// The parts of the way, in seconds; together they are the total.
    SequencedMap<String, Double> parts() {
        SequencedMap<String, Double> parts = new LinkedHashMap<>();
        parts.put("published to accepted", seconds(published, accepted));
        Instant before = accepted;
        for (Stage stage : Stage.values()) {
            parts.put("to " + stage.label(), seconds(before, started.get(stage)));
            parts.put(stage.label(), seconds(started.get(stage), done.get(stage)));
            before = done.get(stage);
        }
        parts.put("to completed", seconds(before, completed));
        parts.put("completed to read", seconds(completed, read));
        return parts;
    }

    /// The median of each part over several jobs.
    static SequencedMap<String, Double> medians(List<JobTimes> jobs) {
        SequencedMap<String, List<Double>> all = new LinkedHashMap<>();
        jobs.forEach(job -> job.parts()
                .forEach((part, time) ->
                        all.computeIfAbsent(part, _ -> new ArrayList<>()).add(time)));
        SequencedMap<String, Double> medians = new LinkedHashMap<>();
        all.forEach((part, times) -> medians.put(part, Alternation.median(times)));
        return medians;
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }
}
