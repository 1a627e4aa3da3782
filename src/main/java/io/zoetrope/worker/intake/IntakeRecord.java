package io.zoetrope.worker.intake;

import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.eclipse.microprofile.reactive.messaging.Message;

/// Where a message came from and whether it is still this worker's, whichever connector brought it.
///
/// @param key           usually the job id; null if the record has none
/// @param headers       as they lie on the topic, CloudEvents attributes among them
/// @param timestamp     when it was published
/// @param deliveryCount 1 for the first delivery. It also rises when a worker is killed or drained: a high
///                      count is no proof against the record
/// @param claim         on this delivery
public record IntakeRecord(
        String topic,
        int partition,
        long offset,
        String key,
        Headers headers,
        Instant timestamp,
        int deliveryCount,
        Claim claim) {

    /// What a worker has of a record: not the record, but the right to work on it, and that may be lost.
    public interface Claim {

        /// Whether nobody else can have been given the record in the meantime.
        boolean isStillOurs();

        /// Runs the action when the claim is lost before it was settled; at once if it is lost already.
        void onLoss(Runnable action);
    }

    /// In a classic group the client does not tell: what is lost in a rebalance shows only in that it is
    /// computed twice.
    private static final Claim UNKNOWN = new Claim() {
        @Override
        public boolean isStillOurs() {
            return true;
        }

        @Override
        public void onLoss(Runnable action) {
            // never known
        }
    };

    /// The record behind a message of the share group connector or of `smallrye-kafka`.
    ///
    /// @throws IllegalArgumentException if the message comes from neither
    public static IntakeRecord of(Message<?> message) {
        Optional<IntakeRecord> ours = message.getMetadata(IntakeRecord.class);
        return ours.or(() ->
                        message.getMetadata(IncomingKafkaRecordMetadata.class).map(IntakeRecord::ofClassic))
                .orElseThrow(
                        () -> new IllegalArgumentException("message with metadata %s, expected one that came from Kafka"
                                .formatted(message.getMetadata())));
    }

    /// Whether nobody else can have been given the record in the meantime. A classic group cannot say and
    /// answers yes.
    public boolean isStillOurs() {
        return claim.isStillOurs();
    }

    /// Runs the action when the claim is lost before it was settled, so that work can be given up.
    public void onLoss(Runnable action) {
        claim.onLoss(action);
    }

    /// The last header of that name, as text; empty also for a header that is null.
    public Optional<String> header(String name) {
        return text(headers.lastHeader(name));
    }

    private static IntakeRecord ofClassic(IncomingKafkaRecordMetadata<?, ?> metadata) {
        String key = switch (metadata.getKey()) {
            case null -> null;
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case Object other -> other.toString();
        };
        return new IntakeRecord(
                metadata.getTopic(),
                metadata.getPartition(),
                metadata.getOffset(),
                key,
                metadata.getHeaders(),
                metadata.getTimestamp(),
                ClassicSettlement.deliveryCount(metadata.getHeaders()),
                UNKNOWN);
    }

    private static Optional<String> text(Header header) {
        return Optional.ofNullable(header).map(Header::value).map(value -> new String(value, StandardCharsets.UTF_8));
    }
}
