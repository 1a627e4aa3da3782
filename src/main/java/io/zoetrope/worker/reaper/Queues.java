package io.zoetrope.worker.reaper;

import io.zoetrope.worker.intake.RecordPlace;
import java.time.Instant;

/// What the broker still has to deliver. A job whose record waits is not lost, however long it waits.
public interface Queues {

    /// Whether the broker may still deliver the record, or somebody holds it.
    boolean mayHold(RecordPlace place);

    /// Whether the queues between workers that do different stages may hold a record published until then.
    boolean mayBeHandedOver(Instant until);

    /// Whether the topic may hold an unsettled record published until then.
    boolean mayHoldAny(String topic, Instant until);

    /// Forgets what was looked up: a new round begins.
    void refresh();
}
