package io.zoetrope.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.smallrye.common.annotation.Identifier;
import io.zoetrope.request.Priority;
import io.zoetrope.worker.intake.ShareGroupConnector;
import io.zoetrope.worker.kafka.LaneNames;
import io.zoetrope.worker.kafka.QueueLag;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// How much work waits: unsettled requests of each priority, and the time that they would take one worker. What the
/// number of workers is chosen by; NaN until it is known. Only for the share group, whose lag nobody else exports.
@ApplicationScoped
@Startup
class QueueGauge {

    private static final Logger LOG = Logger.getLogger(QueueGauge.class);
    private static final Duration PERIOD = Duration.ofSeconds(15);
    private static final Duration PATIENCE_FOR_CLOSING = Duration.ofSeconds(1);

    private final Map<String, Object> client;
    private final Map<Priority, String> topics = new EnumMap<>(Priority.class);
    private final Map<Priority, String> groups = new EnumMap<>(Priority.class);
    private final Map<Priority, Double> unsettled = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("queue-gauge").daemon().factory());
    private Admin admin; // of the timer's thread; null before the first look

    QueueGauge(
            MeterRegistry registry,
            JobMetrics metrics,
            @Any @Identifier("default-kafka-broker") Instance<Map<String, Object>> kafka,
            @ConfigProperty(name = "mp.messaging.incoming.requests.connector") String connector,
            @ConfigProperty(name = "mp.messaging.incoming.requests.topic") String topic,
            @ConfigProperty(name = "mp.messaging.incoming.requests.group.id") String group) {
        this.client = new HashMap<>(kafka.isResolvable() ? kafka.get() : Map.of());
        client.keySet().retainAll(AdminClientConfig.configNames());
        for (Priority priority : Priority.values()) {
            topics.put(priority, LaneNames.topic(topic, priority));
            groups.put(priority, LaneNames.group(group, priority));
            unsettled.put(priority, Double.NaN);
            Gauge.builder("zoetrope.queue.records", () -> unsettled.get(priority))
                    .tag("priority", priority.label())
                    .description("Requests that are not settled, those in flight included")
                    .register(registry);
        }
        Gauge.builder("zoetrope.queue.gpu.seconds", () -> all() * metrics.secondsPerJob())
                .description("Predicted time of the unsettled requests on one worker")
                .register(registry);
        if (connector.equals(ShareGroupConnector.NAME)) {
            var _ = timer.scheduleWithFixedDelay(
                    this::refresh, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @PreDestroy
    void close() {
        timer.execute(() -> {
            if (admin != null) {
                admin.close(PATIENCE_FOR_CLOSING);
            }
        });
        timer.shutdown();
    }

    private double all() {
        return unsettled.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private void refresh() {
        for (Priority priority : Priority.values()) {
            try {
                if (admin == null) {
                    admin = Admin.create(client);
                }
                unsettled.put(
                        priority, (double) new QueueLag(admin).unsettled(groups.get(priority), topics.get(priority)));
            } catch (KafkaException e) {
                unsettled.put(priority, Double.NaN);
                LOG.debugf("the length of the queue is not known: %s", e.getMessage());
            }
        }
    }
}
