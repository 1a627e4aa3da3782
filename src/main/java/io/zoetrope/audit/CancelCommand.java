package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.zoetrope.request.JobId;

/// "Stop this job": the record of `zoetrope.control`. Every worker reads it; the one that has the job obeys.
/// The data may be an empty object, because the envelope and the record's key already say which job.
///
/// @param requestedBy who wants it; null if not said
/// @param reason      why; null if not said
public record CancelCommand(@JsonIgnore JobId job, String requestedBy, String reason) {
    public CancelCommand {
        Required.present("job", job);
        requestedBy = Required.textOrNull(requestedBy);
        reason = Required.textOrNull(reason);
    }
}
