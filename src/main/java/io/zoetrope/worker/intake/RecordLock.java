package io.zoetrope.worker.intake;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.jboss.logging.Logger;

/// The broker's lock on one record, as seen by the consumer that holds it. Belongs to the thread of that
/// consumer.
///
/// A renewal is a round trip: say it, commit it, and poll; the poll hands the same record back, and only that
/// new object can be renewed or settled. Anything but a plain confirmation means that the record may be
/// somebody else's by now.
final class RecordLock {

    private static final Logger LOG = Logger.getLogger(RecordLock.class);

    private static final Duration USUAL_LOCK = Duration.ofSeconds(30);
    private static final Duration LONGEST_COMMIT = Duration.ofSeconds(10);
    private static final int RENEWALS_PER_LOCK = 3;

    private final ShareConsumer<String, byte[]> consumer;
    private final Duration duration;
    private ConsumerRecord<String, byte[]> current;
    private long since;

    /// @param since when the record was asked for, of [System#nanoTime()]: the lock is not older than that
    RecordLock(ShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record, long since) {
        this.consumer = consumer;
        this.duration =
                consumer.acquisitionLockTimeoutMs().map(Duration::ofMillis).orElse(USUAL_LOCK);
        this.current = record;
        this.since = since;
    }

    ConsumerRecord<String, byte[]> record() {
        return current;
    }

    /// When the lock ends, of [System#nanoTime()].
    long until() {
        return since + duration.toNanos();
    }

    Duration untilRenewal() {
        return Duration.ofNanos(since + step().toNanos() - System.nanoTime());
    }

    /// @return whether the record is ours for another lock duration
    boolean renew() {
        long asked = System.nanoTime();
        if (!commit(AcknowledgeType.RENEW)) {
            return false;
        }
        long patience = asked + step().toNanos();
        while (System.nanoTime() - patience < 0) {
            for (var polled : consumer.poll(Duration.ofMillis(100))) {
                if (polled.partition() == current.partition() && polled.offset() == current.offset()) {
                    current = polled;
                    since = asked;
                    return true;
                }
                LOG.warnf("renewal of %s brought %s instead", name(current), name(polled));
                return false;
            }
        }
        LOG.warnf("renewal of %s was confirmed, but the record did not come back", name(current));
        return false;
    }

    /// @return whether the broker confirmed it
    boolean settle(Settlement settlement) {
        return commit(
                switch (settlement) {
                    case Settlement.Accept _ -> AcknowledgeType.ACCEPT;
                    case Settlement.Release _ -> AcknowledgeType.RELEASE;
                    case Settlement.Reject _ -> AcknowledgeType.REJECT;
                });
    }

    private boolean commit(AcknowledgeType type) {
        try {
            consumer.acknowledge(current, type);
            Map<TopicIdPartition, Optional<KafkaException>> answers =
                    consumer.commitSync(step().compareTo(LONGEST_COMMIT) < 0 ? step() : LONGEST_COMMIT);
            boolean confirmed = !answers.isEmpty() && answers.values().stream().allMatch(Optional::isEmpty);
            if (!confirmed) {
                LOG.warnf("%s of %s was not confirmed: %s", type, name(current), answers);
            }
            return confirmed;
        } catch (KafkaException | IllegalStateException failure) {
            LOG.warnf("%s of %s failed: %s", type, name(current), failure);
            return false;
        }
    }

    private Duration step() {
        return duration.dividedBy(RENEWALS_PER_LOCK);
    }

    private static String name(ConsumerRecord<?, ?> record) {
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }
}
