package io.zoetrope.worker.intake;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecord;
import io.smallrye.reactive.messaging.kafka.KafkaConnectorIncomingConfiguration;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import io.smallrye.reactive.messaging.kafka.fault.KafkaFailureHandler;
import io.vertx.mutiny.core.Vertx;
import io.zoetrope.request.JobId;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.jboss.logging.Logger;

/// Gives refusals the same meaning under the `smallrye-kafka` connector as under the share group: a rejected
/// record is passed over, a released one comes again. A classic group cannot give a record back, so it is
/// published anew at the end of its topic, with a count of its deliveries, before the old one is passed over.
///
/// Chosen as `failure-strategy=zoetrope-settlement`.
final class ClassicSettlement implements KafkaFailureHandler {

    /// The name by which configuration chooses this strategy.
    public static final String STRATEGY = "zoetrope-settlement";

    static final String DELIVERY = "zoetrope-delivery";
    private static final String SUBJECT = "ce_subject";

    private static final Logger LOG = Logger.getLogger(ClassicSettlement.class);

    private final Producer<byte[], byte[]> producer;

    ClassicSettlement(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /// Makes the strategy for a channel.
    @ApplicationScoped
    @Identifier(STRATEGY)
    static class Factory implements KafkaFailureHandler.Factory {

        @Override
        public KafkaFailureHandler create(
                KafkaConnectorIncomingConfiguration configuration,
                Vertx vertx,
                KafkaConsumer<?, ?> consumer,
                BiConsumer<Throwable, Boolean> reportFailure) {
            Map<String, Object> properties = new HashMap<>(consumer.configuration());
            properties.keySet().retainAll(ProducerConfig.configNames());
            properties.remove(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG);
            properties.merge(ProducerConfig.CLIENT_ID_CONFIG, "-release", (name, suffix) -> "" + name + suffix);
            properties.put(ProducerConfig.ACKS_CONFIG, "all");
            return new ClassicSettlement(
                    new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
        }
    }

    @Override
    public <K, V> Uni<Void> handle(IncomingKafkaRecord<K, V> record, Throwable reason, Metadata metadata) {
        Settlement settlement = Settlement.ofRefusal(reason, metadata);
        LOG.debugf("%s-%d@%d: %s", record.getTopic(), record.getPartition(), record.getOffset(), settlement);
        Uni<Void> first = switch (settlement) {
            case Settlement.Accept _, Settlement.Reject _ -> Uni.createFrom().voidItem();
            case Settlement.Release _ -> publishAnew(record);
        };
        return first.chain(() -> Uni.createFrom().completionStage(record.ack())).emitOn(record::runOnMessageContext);
    }

    @Override
    public void terminate() {
        producer.close();
    }

    /// How often a record was delivered under the classic connector.
    static int deliveryCount(Headers headers) {
        Header count = headers.lastHeader(DELIVERY);
        try {
            return count == null ? 1 : Integer.parseInt(new String(count.value(), StandardCharsets.UTF_8));
        } catch (NumberFormatException _) {
            return 1; // somebody else's header: it says nothing about us
        }
    }

    private Uni<Void> publishAnew(IncomingKafkaRecord<?, ?> record) {
        IntakeRecord again = IntakeRecord.of(record);
        RecordHeaders headers = Heritage.of(again).succession(record.getHeaders());
        headers.add(DELIVERY, bytes(deliveryCount(record.getHeaders()) + 1));
        byte[] key = record.getKey() == null ? null : bytes(record.getKey());
        if (key == null && headers.lastHeader(SUBJECT) == null) {
            // its name came from its offset, which is about to change
            key = bytes(JobId.ofRecord(record.getTopic(), record.getPartition(), record.getOffset()));
        }
        byte[] value = record.getPayload() == null ? null : bytes(record.getPayload());
        var next = new ProducerRecord<>(record.getTopic(), null, key, value, headers);
        return Uni.createFrom().completionStage(() -> send(next));
    }

    private CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
        var sent = new CompletableFuture<Void>();
        var _ = producer.send(record, (_, failure) -> {
            if (failure == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(failure);
            }
        });
        return sent;
    }

    private static byte[] bytes(Object content) {
        return content instanceof byte[] bytes ? bytes : content.toString().getBytes(StandardCharsets.UTF_8);
    }
}
