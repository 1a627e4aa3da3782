package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.time.Instant;
import java.util.Objects;

/// What every fact says: which job, which attempt at it, which place in that attempt, when.
///
/// @param job      the job
/// @param attempt  0 for what happens before a worker takes the job, then 1, 2, … for each time one takes it
/// @param sequence place within the attempt: 0, 1, 2, … without gaps
/// @param at       when it happened, by the clock of whoever says so
public record Header(JobId job, int attempt, long sequence, Instant at) {

    public Header {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(at, "at");
        if (attempt < 0 || sequence < 0) {
            throw new IllegalArgumentException(
                    "attempt %d and sequence %d of job %s, expected 0 or more".formatted(attempt, sequence, job));
        }
    }

    /// The header of a job's first fact, the same however often its request is delivered.
    public static Header ofRequest(JobId job, Instant at) {
        return new Header(job, 0, 0, at);
    }
}
