package io.zoetrope.chaos;

import io.zoetrope.request.JobId;
import java.time.Instant;

/// What clients have said about one job: all that the history is judged by, beside topics and store.
///
/// @param sample      name of the request
/// @param records     how often it was published, the first included
/// @param conflicts   how often another request was published under its id
/// @param cancelledAt when the broker had the first command to stop; null if there was none
record Submission(JobId job, String sample, int records, int conflicts, Instant cancelledAt) {

    Submission published() {
        return new Submission(job, sample, records + 1, conflicts, cancelledAt);
    }

    Submission contradicted() {
        return new Submission(job, sample, records, conflicts + 1, cancelledAt);
    }

    Submission cancelled(Instant at) {
        return new Submission(job, sample, records, conflicts, cancelledAt == null ? at : cancelledAt);
    }
}
