package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.time.Instant;
import java.util.Objects;

/// What every fact says: which job, which attempt at it, which place in that attempt, when.
///
/// @param job      the job
/// @param attempt  1, 2, … for each time a worker takes the job; 0 for what happens outside of attempts
/// @param sequence place within the attempt: 0, 1, 2, … without gaps. In attempt 0 the places are fixed: 0 for the
///                 request, 1 for the command to stop, 2 and more for what is done to a job that nobody has
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

    /// The header of the first command to stop the job.
    public static Header ofCancelRequest(JobId job, Instant at) {
        return new Header(job, 0, 1, at);
    }

    /// The header of what is done to a job that nobody has.
    ///
    /// @param number 1 for the first time that the job's record is published again, and so on
    public static Header ofRepublication(JobId job, int number, Instant at) {
        if (number < 1) {
            throw new IllegalArgumentException("republication %d of job %s, expected 1 or more".formatted(number, job));
        }
        return new Header(job, 0, 1L + number, at);
    }

    /// Whether the fact has no place in the order of attempts and counts whenever it comes. The request does have one:
    /// it is before all others.
    boolean isOutsideOfAttempts() {
        return attempt == 0 && sequence > 0;
    }
}
