package io.zoetrope.worker.kafka;

import io.zoetrope.audit.MessageCodec;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// Publishes what a client may say: generate this, cancel that. Each is a CloudEvent in binary mode whose key
/// and subject are the job id, so that the records of a job stay in order and a repeated request is recognised.
///
/// A publication is done when all in-sync replicas have it. Threads may share one publisher.
public final class RequestPublisher implements AutoCloseable {

    /// Type of the command that asks for a clip; the fact that it was asked for has another.
    public static final String REQUEST = MessageCodec.Kind.REQUEST.typeName();

    /// Type of the command that asks to stop.
    public static final String CANCEL = MessageCodec.Kind.CANCEL.typeName();

    /// Where a record came to lie.
    public record Published(String topic, int partition, long offset) {}

    private static final Duration PATIENCE_FOR_METADATA = Duration.ofSeconds(10);
    private static final Duration PATIENCE_FOR_DELIVERY = Duration.ofSeconds(30);
    private static final Duration PATIENCE_FOR_ONE_ANSWER = Duration.ofSeconds(10);

    private final String address;
    private final Topics topics;
    private final String source;
    private final KafkaProducer<String, byte[]> producer;

    /// @param client properties of the Kafka client: `bootstrap.servers`, and security if there is any
    /// @param topics where to publish
    /// @param source who publishes, a URI reference such as `/zoetrope/cli`; becomes the event's source
    public RequestPublisher(Map<String, Object> client, Topics topics, String source) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_FOR_METADATA.toMillis());
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE_FOR_DELIVERY.toMillis());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE_FOR_ONE_ANSWER.toMillis());
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0); // somebody waits for each
        properties.putAll(client);
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        this.address = String.valueOf(properties.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG));
        this.topics = topics;
        this.source = source;
        this.producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /// Asks for a clip.
    ///
    /// @param request JSON of the request
    /// @return fails with a [KafkaException] that names the address if no broker takes it within half a minute;
    ///         the call itself waits up to ten seconds while no broker answers
    public CompletableFuture<Published> request(JobId job, byte[] request) {
        return request(job, request, Map.of());
    }

    /// Asks for a clip with a priority: it decides by which topic the request goes, and so when its turn comes.
    public CompletableFuture<Published> request(JobId job, Priority priority, byte[] request) {
        return request(job, priority, request, Map.of());
    }

    /// Asks for a clip, with further headers such as `traceparent`.
    public CompletableFuture<Published> request(JobId job, byte[] request, Map<String, String> headers) {
        return request(job, Priority.NORMAL, request, headers);
    }

    private CompletableFuture<Published> request(
            JobId job, Priority priority, byte[] request, Map<String, String> headers) {
        String topic = topics.queue(Topics.Queue.REQUESTS, priority);
        return publish(topic, REQUEST, job + "/request", job, request, headers);
    }

    /// Asks to stop a job, wherever it is.
    ///
    /// @param command JSON of the command
    public CompletableFuture<Published> cancel(JobId job, byte[] command) {
        return publish(topics.control(), CANCEL, job + "/cancel", job, command, Map.of());
    }

    /// Publishes a record that was published before, with its headers.
    ///
    /// @param topic   one of the queues of requests
    /// @param headers all of them: none is added
    public CompletableFuture<Published> again(String topic, JobId job, byte[] value, Map<String, byte[]> headers) {
        var record = new ProducerRecord<>(topic, job.value(), value);
        headers.forEach((name, content) -> record.headers().add(name, content));
        return send(record);
    }

    @Override
    public void close() {
        producer.close(PATIENCE_FOR_DELIVERY);
    }

    private CompletableFuture<Published> publish(
            String topic, String type, String id, JobId job, byte[] data, Map<String, String> headers) {
        var event = new ProducerRecord<>(topic, job.value(), data);
        header(event, "ce_specversion", "1.0");
        header(event, "ce_id", id);
        header(event, "ce_type", type);
        header(event, "ce_source", source);
        header(event, "ce_subject", job.value());
        header(event, "ce_time", Instant.now().toString());
        header(event, "content-type", "application/json");
        headers.forEach((name, value) -> header(event, name, value));
        return send(event);
    }

    private CompletableFuture<Published> send(ProducerRecord<String, byte[]> event) {
        String topic = event.topic();
        var published = new CompletableFuture<Published>();
        try {
            var _ = producer.send(event, (metadata, failure) -> {
                if (failure == null) {
                    published.complete(new Published(metadata.topic(), metadata.partition(), metadata.offset()));
                } else {
                    published.completeExceptionally(explained(topic, failure));
                }
            });
        } catch (KafkaException failure) {
            published.completeExceptionally(explained(topic, failure));
        }
        return published;
    }

    private static void header(ProducerRecord<?, ?> event, String name, String value) {
        event.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private KafkaException explained(String topic, Exception failure) {
        String what = failure instanceof TimeoutException
                ? "no broker at %s took the record for %s in time"
                : "the broker at %s did not take the record for %s";
        return new KafkaException(what.formatted(address, topic) + ": " + failure.getMessage(), failure);
    }
}
