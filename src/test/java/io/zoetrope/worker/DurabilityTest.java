package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.BrokerResource;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.ledger.JobArtifacts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What happens to jobs that are cancelled, late, repeated or interrupted, with the demo model on a real broker.
@QuarkusTest
@TestProfile(TwoModels.class)
@WithTestResource(BrokerResource.class)
class DurabilityTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String PROMPT = "A red circle moves left to right on a blue background with a high tone.";

    private static RequestPublisher publisher;

    private final JobArtifacts artifacts;

    DurabilityTest(JobArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    @BeforeAll
    static void open() {
        publisher = new RequestPublisher(SharedBroker.client(), Topics.DEFAULT, "/test");
    }

    @AfterAll
    static void close() {
        publisher.close();
    }

    @Test
    void aJobThatIsCancelledWhileItRunsStopsWithinAStep() {
        JobId job = publish("cancelled", "{\"prompt\":\"%s\",\"steps\":500}".formatted(PROMPT));
        List<GenerationEvent> facts = new ArrayList<>();
        Instant[] asked = new Instant[1];
        try (TrailReader reader = reader(job)) {
            reader.follow(
                    record -> {
                        facts.add(Facts.read(record));
                        if (facts.getLast() instanceof GenerationEvent.StepCompleted step && step.step() == 3) {
                            publisher
                                    .cancel(job, bytes("{\"reason\":\"changed my mind\"}"))
                                    .join();
                            asked[0] = Instant.now();
                        }
                    },
                    _ -> facts.getLast().terminal(),
                    PATIENCE);
        }
        var cancelled = assertInstanceOf(GenerationEvent.Cancelled.class, facts.getLast());
        assertEquals(Stage.DENOISE, cancelled.stage());
        long after = facts.stream()
                .filter(fact -> fact instanceof GenerationEvent.StepCompleted
                        && fact.header().at().isAfter(asked[0]))
                .count();
        Duration stopped = Duration.between(asked[0], cancelled.header().at());
        System.out.printf(
                "cancelled at step %d, %d ms after the command, steps begun after it: %d%n",
                cancelled.atStep(), stopped.toMillis(), after);
        assertTrue(stopped.compareTo(Duration.ofSeconds(2)) < 0, stopped.toString());
        assertEquals(List.of("request.json", "terminal.json"), names(job));
    }

    @Test
    void aJobThatIsCancelledBeforeItComesIsNotComputed() throws Exception {
        JobId job = new JobId("early-" + System.nanoTime());
        publisher.cancel(job, bytes("{}")).join();
        Thread.sleep(2_000); // until the worker has heard it
        publisher.request(job, bytes("{\"prompt\":\"%s\"}".formatted(PROMPT))).join();
        List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        assertInstanceOf(GenerationEvent.Cancelled.class, facts.getLast());
        assertTrue(facts.stream().noneMatch(GenerationEvent.StageStarted.class::isInstance), facts.toString());
    }

    @Test
    void aJobWhoseDeadlineHasPassedIsFailedAndNotComputed() {
        JobId job = publish("late", "{\"prompt\":\"%s\",\"deadline\":\"2020-01-01T00:00:00Z\"}".formatted(PROMPT));
        List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        var failed = assertInstanceOf(GenerationEvent.Failed.class, facts.getLast());
        assertEquals("deadline-exceeded", failed.code());
        assertTrue(facts.stream().noneMatch(GenerationEvent.StageStarted.class::isInstance), facts.toString());
    }

    @Test
    void aDeadlineThatPassesInTheMiddleStopsTheJob() {
        String soon = Instant.now().plusSeconds(3).toString();
        JobId job = publish("soon", "{\"prompt\":\"%s\",\"steps\":500,\"deadline\":\"%s\"}".formatted(PROMPT, soon));
        var failed = assertInstanceOf(
                GenerationEvent.Failed.class,
                Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE).getLast());
        assertEquals("deadline-exceeded", failed.code());
    }

    @Test
    void aThousandCopiesOfRequestsGiveOneGenerationEach() {
        int jobs = 10;
        int copies = Integer.getInteger("test.zoetrope.copies", 20);
        List<JobId> ids = IntStream.range(0, jobs)
                .mapToObj(number -> new JobId("copies-%d-%d".formatted(number, System.nanoTime())))
                .toList();
        for (int copy = 0; copy < copies; copy++) {
            for (JobId job : ids) {
                var _ = publisher.request(job, bytes("{\"prompt\":\"%s\",\"steps\":2}".formatted(PROMPT)));
            }
        }
        for (JobId job : ids) {
            Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        }
        JobId last = publish("after-all-copies", "{\"prompt\":\"%s\",\"steps\":1}".formatted(PROMPT));
        Facts.untilTheEnd(SharedBroker.client(), last, PATIENCE);
        for (JobId job : ids) {
            try (TrailReader reader = reader(job)) {
                List<GenerationEvent> facts =
                        reader.toEnd().stream().map(Facts::read).toList();
                assertEquals(1, count(facts, GenerationEvent.Accepted.class), job.value());
                assertEquals(3, count(facts, GenerationEvent.StageStarted.class), job.value());
                assertEquals(
                        1,
                        facts.stream()
                                .filter(GenerationEvent::terminal)
                                .distinct()
                                .count(),
                        job.value());
            }
        }
    }

    @Test
    void nothingIsLeftOfAJobButItsRequestItsEndAndItsMedia() {
        JobId job = publish("tidy", "{\"prompt\":\"%s\",\"steps\":2}".formatted(PROMPT));
        Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> names(job).stream()
                        .noneMatch(name -> name.startsWith("owner")
                                || name.startsWith("attempt")
                                || name.startsWith("checkpoint")));
        assertTrue(
                names(job).containsAll(List.of("request.json", "terminal.json")),
                names(job).toString());
    }

    private List<String> names(JobId job) {
        return artifacts.list(ArtifactKey.folderOf(job)).stream()
                .map(ArtifactKey::name)
                .filter(name -> !name.startsWith("contexts-"))
                .sorted()
                .toList();
    }

    private static long count(List<GenerationEvent> facts, Class<? extends GenerationEvent> type) {
        return facts.stream().filter(type::isInstance).count();
    }

    private static JobId publish(String name, String request) {
        JobId job = new JobId(name + "-" + System.nanoTime());
        publisher.request(job, bytes(request)).join();
        return job;
    }

    private static TrailReader reader(JobId job) {
        return TrailReader.open(
                SharedBroker.client(), Topics.DEFAULT.events(), Optional.of(job), TrailReader.Start.BEGINNING);
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
