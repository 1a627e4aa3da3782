package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.intake.IntakeRecord;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// Publishes records again before the broker gives them up: it counts deliveries, and drops a record without a
/// trace when there were too many, whoever was to blame.
@ApplicationScoped
class Redelivery {

    private static final Logger LOG = Logger.getLogger(Redelivery.class);

    private final Publisher publisher;
    private final int limit;

    Redelivery(Publisher publisher, WorkerConfig config) {
        this.publisher = publisher;
        this.limit = config.retry().republishAt();
    }

    /// Whether the broker may soon drop this record.
    boolean isDue(IntakeRecord record) {
        return record.deliveryCount() >= limit;
    }

    /// Publishes the record again at the end of its topic, in its own place, and settles this one.
    Uni<Void> publishAgain(Message<byte[]> message, IntakeRecord record) {
        Heritage heritage = Heritage.of(record);
        RecordHeaders headers = heritage.succession(record.headers());
        LOG.infof("%s was delivered %d times: it is published again", heritage.place(), record.deliveryCount());
        return publisher
                .again(record.topic(), IncomingRequest.jobOf(record).value(), headers, message.getPayload())
                .chain(() -> Uni.createFrom().completionStage(message.ack()));
    }
}
