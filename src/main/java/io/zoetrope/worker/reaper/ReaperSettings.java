package io.zoetrope.worker.reaper;

import java.time.Duration;

/// @param silence  after so long without a word a job is looked at; longer than any silence of a job that is worked on
/// @param attempts how often a job is published again before it is given up
/// @param most     jobs that are watched at once; more are looked at when some of those have ended
public record ReaperSettings(Duration silence, int attempts, int most) {

    public static final int MOST = 10_000;

    private static final Duration SHORTEST_ROUND = Duration.ofMillis(200);
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(30);

    public ReaperSettings {
        if (silence.isNegative() || silence.isZero()) {
            throw new IllegalArgumentException("silence %s, expected more than nothing".formatted(silence));
        }
        if (attempts < 0 || most < 1) {
            throw new IllegalArgumentException(
                    "attempts %d and most %d, expected 0 and 1 or more".formatted(attempts, most));
        }
    }

    /// How long after a job's end its folder is looked through for what came too late.
    Duration tidyAfter() {
        return silence;
    }

    /// Time between two looks at all jobs.
    Duration round() {
        Duration tenth = silence.dividedBy(10);
        return tenth.compareTo(SHORTEST_ROUND) < 0
                ? SHORTEST_ROUND
                : tenth.compareTo(LONGEST_ROUND) > 0 ? LONGEST_ROUND : tenth;
    }
}
