package io.zoetrope.worker.intake;

import io.opentelemetry.api.OpenTelemetry;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.annotations.ConnectorAttribute;
import io.smallrye.reactive.messaging.annotations.ConnectorAttribute.Direction;
import io.smallrye.reactive.messaging.connector.InboundConnector;
import io.smallrye.reactive.messaging.health.HealthReport;
import io.smallrye.reactive.messaging.health.HealthReporter;
import io.smallrye.reactive.messaging.kafka.tracing.KafkaOpenTelemetryInstrumenter;
import io.smallrye.reactive.messaging.kafka.tracing.KafkaTrace;
import io.smallrye.reactive.messaging.providers.connectors.ExecutionHolder;
import io.smallrye.reactive.messaging.providers.locals.ContextAwareMessage;
import io.smallrye.reactive.messaging.providers.locals.LocalContextMetadata;
import io.vertx.core.Context;
import io.vertx.core.impl.VertxInternal;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.jboss.logging.Logger;

/// Brings the records of a Kafka share group to an incoming channel: as many as there are slots are taken,
/// acknowledgement accepts, refusal releases or rejects ([Settlement]), and in between the lock is renewed for
/// as long as the work takes.
///
/// The payload is the record's value as it lies on the topic; [IntakeRecord] tells the rest. Acknowledging
/// never fails the stream: a record that was lost in the meantime is logged, and comes again elsewhere.
@ApplicationScoped
@Connector(ShareGroupConnector.NAME)
@ConnectorAttribute(
        name = "bootstrap.servers",
        alias = "kafka.bootstrap.servers",
        type = "string",
        direction = Direction.INCOMING,
        defaultValue = "localhost:9092",
        description = "The brokers, host:port separated by commas. Other properties of the Kafka client may follow.")
@ConnectorAttribute(
        name = "topic",
        type = "string",
        direction = Direction.INCOMING,
        description = "The topic; the channel's name if not set.")
@ConnectorAttribute(
        name = "group.id",
        type = "string",
        direction = Direction.INCOMING,
        description = "The share group; the channel's name if not set.")
@ConnectorAttribute(
        name = "priority.weights",
        type = "string",
        direction = Direction.INCOMING,
        description = "Weights of high, normal and low priority, such as 8,3,1: then the topics <topic>.high and "
                + "<topic>.low are read too, by the groups <group.id>-high and <group.id>-low.")
@ConnectorAttribute(
        name = "slots",
        type = "int",
        direction = Direction.INCOMING,
        defaultValue = "3",
        description = "How many records may be held at once: one consumer and one thread for each.")
@ConnectorAttribute(
        name = "share.auto.offset.reset",
        type = "string",
        direction = Direction.INCOMING,
        defaultValue = "earliest",
        description = "Where a group begins that was never used; set on the group before the first poll.")
@ConnectorAttribute(
        name = "share.record.lock.duration.ms",
        type = "long",
        direction = Direction.INCOMING,
        description = "How long a silent worker keeps a record; set on the group. The broker's own if not set. It is "
                + "renewed at a third of this.")
@ConnectorAttribute(
        name = "create.topics.prefix",
        type = "string",
        direction = Direction.INCOMING,
        description = "If set, Zoetrope's topics with this prefix are created when the broker first answers.")
@ConnectorAttribute(
        name = "probe.interval.ms",
        type = "int",
        direction = Direction.INCOMING,
        defaultValue = "5000",
        description = "How often to look whether the broker answers, and how long to wait for its answer.")
@ConnectorAttribute(
        name = "tracing-enabled",
        type = "boolean",
        direction = Direction.INCOMING,
        defaultValue = "true",
        description = "Whether the trace in a record's headers goes on in this worker.")
public class ShareGroupConnector implements InboundConnector, HealthReporter {

    /// The name by which configuration chooses this connector.
    public static final String NAME = "zoetrope-share-group";

    private static final Logger LOG = Logger.getLogger(ShareGroupConnector.class);

    private final VertxInternal vertx;
    private final Instance<Map<String, Object>> defaults;
    private final Instance<OpenTelemetry> openTelemetry;
    private final List<ShareGroupIntake> intakes = new CopyOnWriteArrayList<>();

    ShareGroupConnector(
            ExecutionHolder execution,
            @Any @Identifier("default-kafka-broker") Instance<Map<String, Object>> defaults,
            Instance<OpenTelemetry> openTelemetry) {
        this.vertx = (VertxInternal) execution.vertx().getDelegate();
        this.defaults = defaults;
        this.openTelemetry = openTelemetry;
    }

    @Override
    public Flow.Publisher<? extends Message<?>> getPublisher(Config attributes) {
        var settings = IntakeSettings.of(attributes, defaults.isResolvable() ? defaults.get() : Map.of());
        Context context = vertx.createEventLoopContext(); // one event loop: records are handed over one after the other
        var intake = new ShareGroupIntake(settings, task -> context.runOnContext(_ -> task.run()));
        intakes.add(intake);
        Multi<Message<?>> messages = intake.records().map(this::message);
        if (!attributes.getOptionalValue("tracing-enabled", Boolean.class).orElse(true)) {
            return messages;
        }
        var instrumenter = KafkaOpenTelemetryInstrumenter.createForSource(openTelemetry);
        return messages.map(message -> traced(message, settings, instrumenter));
    }

    /// Takes no further record on any channel, but keeps what is held until it is settled: the first step of a
    /// shutdown in good order. Readiness goes down, liveness stays.
    public void drain() {
        intakes.forEach(ShareGroupIntake::drain);
    }

    /// Takes no record for a while, but keeps and renews what is held.
    public void pause() {
        intakes.forEach(intake -> intake.pause(true));
    }

    /// Takes records again.
    public void resume() {
        intakes.forEach(intake -> intake.pause(false));
    }

    @Override
    public HealthReport getReadiness() {
        return report(ShareGroupIntake.Health::ready);
    }

    @Override
    public HealthReport getLiveness() {
        return report(ShareGroupIntake.Health::alive);
    }

    void terminate(
            @Observes(notifyObserver = Reception.IF_EXISTS) @Priority(50) @BeforeDestroyed(ApplicationScoped.class)
                    Object event) {
        intakes.forEach(ShareGroupIntake::drain);
        intakes.forEach(ShareGroupIntake::close);
        intakes.clear();
    }

    private Message<byte[]> message(Delivery delivery) {
        Metadata metadata = ContextAwareMessage.captureContextMetadata(delivery.record());
        Executor context = metadata.get(LocalContextMetadata.class)
                .<Executor>map(local -> task -> local.context().runOnContext(_ -> task.run()))
                .orElse(Runnable::run);
        return Message.of(
                delivery.value(),
                metadata,
                _ -> settle(delivery, new Settlement.Accept(), context),
                (failure, refusal) -> settle(delivery, Settlement.ofRefusal(failure, refusal), context));
    }

    /// Ends in the context of the message, not on the slot's thread, which has other things to do.
    private static CompletionStage<Void> settle(Delivery delivery, Settlement settlement, Executor context) {
        CompletableFuture<Boolean> settled = delivery.settle(settlement);
        return settled.thenAcceptAsync(
                confirmed -> {
                    if (!confirmed) {
                        LOG.warnf("%s was not ours any more when it was to be settled: %s", delivery, settlement);
                    }
                },
                context);
    }

    private static Message<?> traced(
            Message<?> message, IntakeSettings settings, KafkaOpenTelemetryInstrumenter instrumenter) {
        var record = IntakeRecord.of(message);
        var trace = new KafkaTrace.Builder()
                .withTopic(record.topic())
                .withPartition(record.partition())
                .withOffset(record.offset())
                .withHeaders(record.headers())
                .withGroupId(settings.group(record.topic()))
                .build();
        return instrumenter.traceIncoming(message, trace, false);
    }

    private HealthReport report(Predicate<ShareGroupIntake.Health> aspect) {
        var report = HealthReport.builder();
        for (ShareGroupIntake intake : intakes) {
            if (!intake.isSubscribed()) {
                continue; // the channel is nobody's: no thread lives for it
            }
            ShareGroupIntake.Health health = intake.health();
            report.add(intake.channel(), aspect.test(health), health.detail());
        }
        return report.build();
    }
}
