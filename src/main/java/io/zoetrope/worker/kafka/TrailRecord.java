package io.zoetrope.worker.kafka;

import io.zoetrope.audit.CloudEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/// One record as it lies on a topic; what it says is for others to decode.
///
/// @param key     job id, or null
/// @param value   payload; empty for a tombstone
public record TrailRecord(
        String topic, int partition, long offset, Instant timestamp, String key, Headers headers, byte[] value) {

    static TrailRecord of(ConsumerRecord<String, byte[]> record) {
        return new TrailRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.key(),
                record.headers(),
                record.value() == null ? new byte[0] : record.value());
    }

    /// The record as a CloudEvent in binary mode.
    public CloudEvent cloudEvent() {
        Map<String, String> texts = new HashMap<>();
        headers.forEach(header -> header(header.key()).ifPresent(value -> texts.put(header.key(), value)));
        return CloudEvent.ofHeaders(texts, value);
    }

    /// The last header of that name, as text; empty also for a header that is null.
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.lastHeader(name))
                .map(Header::value)
                .map(value -> new String(value, StandardCharsets.UTF_8));
    }
}
