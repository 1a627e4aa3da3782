package io.zoetrope.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.zoetrope.worker.intake.ShareGroupConnector;
import io.zoetrope.worker.kafka.QueueLag;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// How much work waits: unsettled requests, and the time that they would take one worker. What the number of workers is
/// chosen by; NaN until it is known. Only for the share group, whose lag nobody else exports.
@ApplicationScoped
@Startup
class QueueGauge {

    private static final Logger LOG = Logger.getLogger(QueueGauge.class);
    private static final long PERIOD_SECONDS = 15;

    private final String bootstrap;
    private final String topic;
    private final String group;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("queue-gauge").daemon().factory());
    private final ScheduledFuture<?> task; // null for other connectors
    private volatile double unsettled = Double.NaN;

    QueueGauge(
            MeterRegistry registry,
            JobMetrics metrics,
            @ConfigProperty(name = "kafka.bootstrap.servers") String bootstrap,
            @ConfigProperty(name = "mp.messaging.incoming.requests.connector") String connector,
            @ConfigProperty(name = "mp.messaging.incoming.requests.topic") String topic,
            @ConfigProperty(name = "mp.messaging.incoming.requests.group.id") String group) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.group = group;
        Gauge.builder("zoetrope.queue.records", () -> unsettled)
                .description("Requests that are not settled, those in flight included")
                .register(registry);
        Gauge.builder("zoetrope.queue.gpu.seconds", () -> unsettled * metrics.secondsPerJob())
                .description("Predicted time of the unsettled requests on one worker")
                .register(registry);
        task = connector.equals(ShareGroupConnector.NAME)
                ? timer.scheduleWithFixedDelay(this::refresh, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS)
                : null;
    }

    @PreDestroy
    void close() {
        if (task != null) {
            task.cancel(true);
        }
        timer.shutdownNow();
    }

    private void refresh() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            unsettled = new QueueLag(admin).unsettled(group, topic);
        } catch (KafkaException e) {
            unsettled = Double.NaN;
            LOG.debugf("the length of the queue is not known: %s", e.getMessage());
        }
    }
}
