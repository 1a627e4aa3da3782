package io.zoetrope.worker.reaper;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.request.JobId;
import java.util.Map;
import java.util.Optional;

/// What the reaper needs of whoever ends jobs. Each call is done when it returns.
public interface JobEnds {

    /// The fact that ended a job, if it has ended.
    Optional<GenerationEvent> of(JobId job);

    /// Ends a job, unless it has ended already, and announces how it ended.
    void end(GenerationEvent fact, JobSummary before, Map<String, String> metadata);

    /// Says again how a job ended.
    void announce(GenerationEvent end, JobSummary before, Map<String, String> metadata);

    /// Removes what is left of a job that has ended and was needed only before.
    void tidyIfEnded(JobId job);
}
