package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import io.zoetrope.request.Sha256;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A record that was refused or given up, with the reason and the record itself: what `zoetrope.dead` holds. Written
/// before the original is let go, so that it can be looked at and published again.
///
/// @param reason   stable name: `rejected`, `poison`, `unreadable`, `given-up`, …
/// @param detail   one sentence for people
/// @param problems what was wrong with the request, of very many only the first; empty if that was not the reason
/// @param original the record as it was
/// @param worker   who gave it up
public record DeadLetter(
        JobId job, String reason, String detail, List<Problem> problems, Original original, String worker, Instant at) {

    /// A Kafka record, byte by byte; in JSON the bytes are base64. A letter must fit into a record itself, so what
    /// is very long is cut: a value that could be a valid request never is.
    ///
    /// @param key         null if it had none
    /// @param value       null if it had none
    /// @param headers     by name; of several with one name the last
    /// @param truncated   whether key, value or headers are not whole; null if they are
    /// @param valueBytes  size of the whole value; null unless it was cut
    /// @param valueSha256 of the whole value, in hexadecimal; null unless it was cut
    public record Original(
            String topic,
            int partition,
            long offset,
            byte[] key,
            byte[] value,
            Map<String, byte[]> headers,
            Boolean truncated,
            Integer valueBytes,
            String valueSha256) {
        public Original {
            Required.text("topic", topic);
            Required.atLeast(0, "partition", partition);
            Required.atLeast(0, "offset", offset);
            int named = headers == null ? 0 : headers.size();
            headers = SizeLimits.first(headers);
            boolean cut = headers.size() < named;
            if (key != null && key.length > SizeLimits.KEY_BYTES) {
                key = Arrays.copyOf(key, SizeLimits.KEY_BYTES);
                cut = true;
            }
            if (value != null && value.length > SizeLimits.VALUE_BYTES) {
                valueBytes = value.length;
                valueSha256 = Sha256.of(value);
                value = Arrays.copyOf(value, SizeLimits.VALUE_BYTES);
                cut = true;
            }
            truncated = cut ? Boolean.TRUE : truncated;
        }

        public Original(
                String topic, int partition, long offset, byte[] key, byte[] value, Map<String, byte[]> headers) {
            this(topic, partition, offset, key, value, headers, null, null, null);
        }

        /// Whether key, value and headers are as they were.
        public boolean whole() {
            return truncated == null || !truncated;
        }
    }

    public DeadLetter {
        Required.present("job", job);
        Required.text("reason", reason);
        Required.text("detail", detail);
        detail = SizeLimits.sentence(detail);
        problems = SizeLimits.first(problems);
        Required.present("original", original);
        Required.text("worker", worker);
        Required.present("at", at);
    }
}
