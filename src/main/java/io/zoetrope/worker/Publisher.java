package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import io.zoetrope.audit.CancelCommand;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.worker.intake.IntakeRecord;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/// Sends what the worker has to say. Each call is done when all in-sync replicas have the record.
@ApplicationScoped
class Publisher {

    private final MutinyEmitter<byte[]> events;
    private final MutinyEmitter<byte[]> state;
    private final MutinyEmitter<byte[]> results;
    private final MutinyEmitter<byte[]> dead;
    private final MutinyEmitter<byte[]> queues;
    private final EventCodec facts;
    private final MessageCodec messages;

    /// Nothing overflows: a worker holds few jobs at once, and each waits for its facts.
    @Inject
    Publisher(
            @Channel(Channels.EVENTS) @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) MutinyEmitter<byte[]> events,
            @Channel(Channels.STATE) @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) MutinyEmitter<byte[]> state,
            @Channel(Channels.RESULTS) @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) MutinyEmitter<byte[]> results,
            @Channel(Channels.DEAD) @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) MutinyEmitter<byte[]> dead,
            @Channel(Channels.QUEUES) @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) MutinyEmitter<byte[]> queues,
            WorkerIdentity worker,
            Clock clock) {
        this(events, state, results, dead, queues, worker.source(), clock);
    }

    /// @param source of the messages
    Publisher(
            MutinyEmitter<byte[]> events,
            MutinyEmitter<byte[]> state,
            MutinyEmitter<byte[]> results,
            MutinyEmitter<byte[]> dead,
            MutinyEmitter<byte[]> queues,
            URI source,
            Clock clock) {
        this.events = events;
        this.state = state;
        this.results = results;
        this.dead = dead;
        this.queues = queues;
        this.facts = new EventCodec(source);
        this.messages = new MessageCodec(source, clock);
    }

    Uni<Void> fact(GenerationEvent event) {
        return send(events, facts.write(event));
    }

    Uni<Void> state(JobSummary summary) {
        return send(state, messages.write(summary));
    }

    Uni<Void> result(ResultMessage result) {
        return send(results, messages.write(result));
    }

    Uni<Void> deadLetter(DeadLetter letter) {
        return send(dead, messages.write(letter));
    }

    /// Puts a record on a queue.
    Uni<Void> again(String topic, String key, RecordHeaders headers, byte[] value) {
        var record = OutgoingKafkaRecordMetadata.<String>builder()
                .withTopic(topic)
                .withKey(key)
                .withHeaders(headers)
                .build();
        return queues.sendMessage(Message.of(value, Metadata.of(record)));
    }

    /// The fact as it is kept in the artifact store.
    byte[] structured(GenerationEvent event) {
        return facts.write(event).structured();
    }

    CancelCommand readCancel(IntakeRecord record, byte[] value) {
        Map<String, String> headers = new HashMap<>();
        record.headers()
                .forEach(header -> record.header(header.key()).ifPresent(text -> headers.put(header.key(), text)));
        return messages.readCancel(CloudEvent.ofHeaders(headers, value));
    }

    GenerationEvent readStructured(byte[] json) {
        return facts.read(CloudEvent.ofStructured(json));
    }

    private static Uni<Void> send(MutinyEmitter<byte[]> emitter, CloudEvent event) {
        RecordHeaders headers = new RecordHeaders();
        event.headers().forEach((name, value) -> headers.add(name, value.getBytes(StandardCharsets.UTF_8)));
        var record = OutgoingKafkaRecordMetadata.<String>builder()
                .withKey(event.subject())
                .withHeaders(headers)
                .build();
        return emitter.sendMessage(Message.of(event.data(), Metadata.of(record)));
    }
}
