package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A record that was refused or given up, with the reason and the record itself: what `zoetrope.dead` holds. Written
/// before the original is let go, so that it can be looked at and published again.
///
/// @param reason   stable name: `rejected`, `poison`, `unreadable`, …
/// @param detail   one sentence for people
/// @param problems what was wrong with the request; empty if that was not the reason
/// @param original the record as it was
/// @param worker   who gave it up
public record DeadLetter(
        JobId job, String reason, String detail, List<Problem> problems, Original original, String worker, Instant at) {

    /// A Kafka record, byte by byte; in JSON the bytes are base64.
    ///
    /// @param key     null if it had none
    /// @param value   null if it had none
    /// @param headers by name; of several with one name the last
    public record Original(
            String topic, int partition, long offset, byte[] key, byte[] value, Map<String, byte[]> headers) {
        public Original {
            Required.text("topic", topic);
            Required.atLeast(0, "partition", partition);
            Required.atLeast(0, "offset", offset);
            headers = headers == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(headers));
        }
    }

    public DeadLetter {
        Required.present("job", job);
        Required.text("reason", reason);
        Required.text("detail", detail);
        problems = problems == null ? List.of() : List.copyOf(problems);
        Required.present("original", original);
        Required.text("worker", worker);
        Required.present("at", at);
    }
}
