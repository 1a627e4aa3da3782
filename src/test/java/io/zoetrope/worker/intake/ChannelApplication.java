package io.zoetrope.worker.intake;

import io.opentelemetry.api.trace.Span;
import io.quarkus.arc.properties.IfBuildProperty;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.TracingMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/// A plain Quarkus application behind a channel that does what its records say. Only in the tests that ask for
/// it.
@ApplicationScoped
@IfBuildProperty(name = "test.zoetrope.channel", stringValue = "on")
public class ChannelApplication {

    static final String CHANNEL = "intake-test";

    /// What arrived, with the id of the trace it arrived in.
    record Seen(String text, IntakeRecord record, String trace) {}

    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    List<Seen> seen() {
        return seen;
    }

    @Incoming(CHANNEL)
    Uni<Void> work(Message<byte[]> message) {
        IntakeRecord record = IntakeRecord.of(message);
        var text = new String(message.getPayload(), StandardCharsets.UTF_8);
        seen.add(new Seen(text, record, traceOf(message)));
        return Uni.createFrom()
                .completionStage(
                        switch (text) {
                            case "fails once" ->
                                record.deliveryCount() == 1
                                        ? message.nack(new IllegalStateException("a fault of the worker"))
                                        : message.ack();
                            case "released by its metadata" ->
                                record.deliveryCount() == 1
                                        ? message.nack(
                                                new RejectRecord("weaker"),
                                                Metadata.of(new Settlement.Release("stronger")))
                                        : message.ack();
                            case "rejected" -> message.nack(new IllegalStateException(new RejectRecord("never")));
                            default -> message.ack();
                        });
    }

    private static String traceOf(Message<?> message) {
        return TracingMetadata.fromMessage(message)
                .map(tracing -> Span.fromContext(tracing.getCurrentContext())
                        .getSpanContext()
                        .getTraceId())
                .orElse("none");
    }
}
