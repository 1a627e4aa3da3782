package io.zoetrope.worker.intake;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTestProfile;
import io.restassured.RestAssured;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.intake.ChannelApplication.Seen;
import io.zoetrope.worker.kafka.BrokerResource;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/// What an application may rely on, whichever connector stands behind its channel.
abstract class ChannelContract {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    /// A channel of the tests' own with the connector of a subclass.
    abstract static class Profile implements QuarkusTestProfile {

        static final String PREFIX = "mp.messaging.incoming." + ChannelApplication.CHANNEL + ".";

        abstract Topics topics();

        abstract Map<String, String> connector();

        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(BrokerResource.class));
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            try (var admin = Admin.create(SharedBroker.client())) {
                new ClusterSetup(admin).createMissing(topics().definitions(Topics.Partitions.DEFAULT));
            }
            Map<String, String> overrides = new HashMap<>();
            overrides.put("test.zoetrope.channel", "on");
            // The intake alone: no models, no stages.
            overrides.put("quarkus.arc.exclude-types", "io.zoetrope.worker.*");
            overrides.put("mp.messaging.incoming.requests.enabled", "false");
            overrides.put("quarkus.http.test-port", "0");
            overrides.put("quarkus.otel.traces.exporter", "none");
            overrides.put(PREFIX + "topic", topics().requests());
            overrides.put(PREFIX + "group.id", topics().prefix());
            connector().forEach((name, value) -> overrides.put(PREFIX + name, value));
            return overrides;
        }
    }

    private final ChannelApplication application;
    private final Topics topics;

    ChannelContract(ChannelApplication application, Topics topics) {
        this.application = application;
        this.topics = topics;
    }

    @Test
    void everyRecordEndsAsItsApplicationSaysAndNoFailureEndsTheStream() {
        Instant begin = Instant.now().minusMillis(1);
        List<String> texts = List.of("first", "fails once", "released by its metadata", "rejected", "last");
        try (var publisher = new RequestPublisher(SharedBroker.client(), topics, "/test")) {
            for (String text : texts) {
                publisher
                        .request(
                                new JobId("job-" + texts.indexOf(text)),
                                text.getBytes(StandardCharsets.UTF_8),
                                Map.of("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01"))
                        .join();
            }
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertEquals(7, application.seen().size()));
        await().during(Duration.ofMillis(700))
                .atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertEquals(7, application.seen().size()));

        assertEquals(List.of(1), deliveriesOf("first"));
        assertEquals(List.of(1, 2), deliveriesOf("fails once"));
        assertEquals(List.of(1, 2), deliveriesOf("released by its metadata"));
        assertEquals(List.of(1), deliveriesOf("rejected"));
        assertEquals(List.of(1), deliveriesOf("last"));
        for (Seen seen : application.seen()) {
            IntakeRecord record = seen.record();
            assertEquals(topics.requests(), record.topic());
            assertEquals(0, record.partition());
            assertTrue(record.offset() >= texts.indexOf(seen.text()));
            assertEquals("job-" + texts.indexOf(seen.text()), record.key());
            assertEquals(record.key(), record.header("ce_subject").orElseThrow());
            assertTrue(record.timestamp().isAfter(begin) && record.timestamp().isBefore(Instant.now()));
            assertEquals(TRACE, seen.trace());
        }
    }

    @Test
    void theHealthOfTheChannelIsReported() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            String report = RestAssured.get(
                            ConfigProvider.getConfig().getValue("test.url", String.class) + "/q/health/ready")
                    .then()
                    .statusCode(200)
                    .extract()
                    .asString();
            assertTrue(report.contains(ChannelApplication.CHANNEL), report);
        });
    }

    private List<Integer> deliveriesOf(String text) {
        List<Integer> deliveries = new ArrayList<>();
        for (Seen seen : application.seen()) {
            if (seen.text().equals(text)) {
                deliveries.add(seen.record().deliveryCount());
            }
        }
        return deliveries;
    }
}
