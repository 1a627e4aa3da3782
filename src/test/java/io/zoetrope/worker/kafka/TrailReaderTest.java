package io.zoetrope.worker.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.JobId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrailReaderTest {

    /// Eight partitions for the requests, so that the right one has to be found.
    private static final Topics TOPICS = new Topics("trail-test");

    private static final List<JobId> JOBS = List.of(new JobId("a"), new JobId("job-2"), new JobId("third_job"));

    private static RequestPublisher publisher;

    @BeforeAll
    static void publish() {
        try (var admin = Admin.create(SharedBroker.client())) {
            new ClusterSetup(admin).createMissing(TOPICS.definitions(new Topics.Partitions(8, 1)));
        }
        publisher = new RequestPublisher(SharedBroker.client(), TOPICS, "/test");
        for (int round = 0; round < 3; round++) {
            for (JobId job : JOBS) {
                publisher.request(job, text("request " + round)).join();
            }
        }
    }

    @AfterAll
    static void close() {
        publisher.close();
    }

    @Test
    void aJobIsReadFromItsOwnPartitionOnly() {
        for (JobId job : JOBS) {
            try (var reader = open(Optional.of(job), TrailReader.Start.BEGINNING)) {
                List<TrailRecord> records = reader.toEnd();

                assertEquals(3, records.size());
                assertTrue(records.stream().allMatch(found -> found.key().equals(job.value())));
                assertArrayEquals(text("request 2"), records.getLast().value());
            }
        }
    }

    @Test
    void requestsAreCloudEventsInBinaryMode() {
        try (var reader = open(Optional.of(JOBS.getFirst()), TrailReader.Start.BEGINNING)) {
            TrailRecord request = reader.next(Duration.ofSeconds(10)).orElseThrow();

            assertEquals("1.0", request.header("ce_specversion").orElseThrow());
            assertEquals(
                    "io.zoetrope.generation.request.v1",
                    request.header("ce_type").orElseThrow());
            assertEquals("a/request", request.header("ce_id").orElseThrow());
            assertEquals("a", request.header("ce_subject").orElseThrow());
            assertEquals("/test", request.header("ce_source").orElseThrow());
            assertEquals("application/json", request.header("content-type").orElseThrow());
        }
    }

    @Test
    void aCancelCommandGoesToTheControlTopic() throws Exception {
        try (var reader = TrailReader.open(
                SharedBroker.client(), TOPICS.control(), Optional.of(JOBS.getFirst()), TrailReader.Start.NOW)) {
            publisher.cancel(JOBS.getFirst(), text("{}")).get(10, TimeUnit.SECONDS);

            TrailRecord command = reader.next(Duration.ofSeconds(10)).orElseThrow();

            assertEquals(
                    "io.zoetrope.generation.cancel.v1",
                    command.header("ce_type").orElseThrow());
            assertEquals("a", command.key());
        }
    }

    @Test
    void followingFromNowSeesWhatComesAndStopsAfterTheLast() {
        var late = new JobId("late");
        var seen = new ArrayList<String>();
        try (var reader = open(Optional.empty(), TrailReader.Start.NOW)) {
            for (String word : List.of("one", "two", "last", "beyond")) {
                publisher.request(late, text(word)).join();
            }

            boolean ended = reader.follow(
                    found -> seen.add(word(found)), found -> word(found).equals("last"), Duration.ofSeconds(10));

            assertTrue(ended);
            assertEquals(List.of("one", "two", "last"), seen);
            assertFalse(reader.follow(_ -> {}, _ -> false, Duration.ofMillis(300)), "there is no other end");
        }
    }

    @Test
    void aMissingTopicAndAMissingBrokerAreSaid() {
        var noTopic = assertThrows(
                KafkaException.class,
                () -> TrailReader.open(
                        SharedBroker.client(), "no-such-topic", Optional.empty(), TrailReader.Start.NOW));
        assertTrue(noTopic.getMessage().contains("no-such-topic"), noTopic.getMessage());

        Map<String, Object> nowhere = Map.of("bootstrap.servers", "127.0.0.1:1", "max.block.ms", 300);
        try (var lonely = new RequestPublisher(nowhere, TOPICS, "/test")) {
            var failure = assertThrows(
                    CompletionException.class,
                    () -> lonely.request(JOBS.getFirst(), text("{}")).join());
            assertTrue(failure.getCause().getMessage().contains("no broker at 127.0.0.1:1"), failure.getMessage());
        }
    }

    private static TrailReader open(Optional<JobId> job, TrailReader.Start start) {
        return TrailReader.open(SharedBroker.client(), TOPICS.requests(), job, start);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String word(TrailRecord found) {
        return new String(found.value(), StandardCharsets.UTF_8);
    }
}
