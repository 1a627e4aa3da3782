package io.zoetrope.worker.reaper;

import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
import java.util.Map;

/// What the reaper needs of whoever publishes. Each call is done when all in-sync replicas have the record.
public interface Outlet {

    void fact(GenerationEvent fact);

    void deadLetter(DeadLetter letter);

    /// Puts a request on a queue.
    ///
    /// @param headers beside those of the event
    void request(String topic, CloudEvent request, Map<String, String> headers);
}
