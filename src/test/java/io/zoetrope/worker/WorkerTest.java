package io.zoetrope.worker;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Contract;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobHistory;
import io.zoetrope.media.MediaLimits;
import io.zoetrope.media.MediaReader;
import io.zoetrope.request.BadRequests;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.BrokerResource;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole worker with the demo model on a real broker: requests go in, what it says is held against the contract.
@QuarkusTest
@TestProfile(TwoModels.class)
@WithTestResource(BrokerResource.class)
class WorkerTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String PROMPT = "A red circle moves left to right on a blue background with a high tone.";

    @TempDir
    Path folder;

    @Test
    void aPromptBecomesAClipWithSoundAndTheTrailTellsHow() throws Exception {
        JobId job =
                publish("clip", "{\"prompt\":\"%s\",\"seed\":7,\"output\":{\"contact_sheet\":true}}".formatted(PROMPT));
        List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);

        assertInstanceOf(GenerationEvent.Requested.class, facts.getFirst());
        GenerationEvent.Completed completed = assertInstanceOf(GenerationEvent.Completed.class, facts.getLast());
        assertEquals("7", completed.provenance().seed());
        assertEquals("demo", completed.provenance().model().name());
        assertEquals(
                10,
                facts.stream()
                        .filter(GenerationEvent.StepCompleted.class::isInstance)
                        .count());
        assertEquals(List.of(), JobHistory.fold(facts).gaps());

        byte[] clip = download(completed.artifacts().getFirst());
        Path file = Files.write(folder.resolve("clip.mp4"), clip);
        try (var media = new MediaReader(MediaLimits.DEFAULT).decode(file)) {
            var video = media.video().orElseThrow();
            assertEquals(17, video.frames().frames());
            assertEquals(96, video.frames().width());
            assertEquals(96, video.frames().height());
            assertEquals(8.0, video.frameRate().orElseThrow().hertz());
            assertEquals(24000, media.sound().orElseThrow().sound().sampleRate());
            assertEquals(17 / 8.0, media.sound().orElseThrow().seconds(), 0.1);
        }
        assertEquals("image/png", completed.artifacts().get(1).mediaType());
        resultIsValid(job, "completed");
    }

    @Test
    void clipsAreServedInPartsAndNothingElseIs() {
        JobId job = publish("range", "{\"prompt\":\"%s\",\"seed\":8,\"steps\":2}".formatted(PROMPT));
        var completed = (GenerationEvent.Completed)
                Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE).getLast();
        ArtifactReference clip = completed.artifacts().getFirst();
        byte[] whole = download(clip);
        byte[] part = given().header("Range", "bytes=100-299")
                .get("/artifacts/" + clip.key())
                .then()
                .statusCode(206)
                .header("Content-Range", "bytes 100-299/" + clip.bytes())
                .extract()
                .asByteArray();
        assertArrayEquals(java.util.Arrays.copyOfRange(whole, 100, 300), part);
        given().get("/artifacts/jobs/" + job + "/terminal.json").then().statusCode(404);
        given().get("/artifacts/jobs/" + job + "/../../../pom.xml").then().statusCode(404);
        given().get("/artifacts/jobs/" + job + "/absent.mp4").then().statusCode(404);
    }

    @Test
    void everyBadRequestIsAnsweredByOneFactAndADeadLetter() {
        Map<JobId, BadRequests.Case> cases = new LinkedHashMap<>();
        try (RequestPublisher publisher = publisher()) {
            int number = 0;
            for (BadRequests.Case bad : BadRequests.all().toList()) {
                JobId job = new JobId("bad-%d-%d".formatted(number++, System.nanoTime()));
                cases.put(job, bad);
                publisher.request(job, bad.json()).join();
            }
        }
        cases.forEach((job, bad) -> {
            List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
            GenerationEvent.Rejected rejected =
                    assertInstanceOf(GenerationEvent.Rejected.class, facts.getLast(), bad.name());
            assertTrue(
                    rejected.problems().stream()
                            .anyMatch(problem -> problem.field().equals(bad.field())
                                    && problem.code().equals(bad.code())),
                    () -> "%s: %s".formatted(bad.name(), rejected.problems()));
        });
        try (TrailReader dead = TrailReader.open(
                SharedBroker.client(), Topics.DEFAULT.dead(), Optional.empty(), TrailReader.Start.BEGINNING)) {
            Set<String> jobs = dead.toEnd().stream()
                    .map(record -> {
                        Contract.assertValid(record.cloudEvent());
                        return record.key();
                    })
                    .collect(Collectors.toSet());
            cases.keySet().forEach(job -> assertTrue(jobs.contains(job.value()), job.value()));
        }
    }

    @Test
    void theSameIdIsTheSameJobAndWithOtherContentItIsRefused() {
        String request = "{\"prompt\":\"%s\",\"seed\":9,\"steps\":2}".formatted(PROMPT);
        JobId job = publish("twice", request);
        Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        try (RequestPublisher publisher = publisher();
                TrailReader results = TrailReader.open(
                        SharedBroker.client(), Topics.DEFAULT.results(), Optional.of(job), TrailReader.Start.NOW)) {
            publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
            var again = results.next(PATIENCE).orElseThrow();
            assertTrue(new String(again.value(), StandardCharsets.UTF_8).contains("completed"));
            publisher
                    .request(job, "{\"prompt\":\"something else\"}".getBytes(StandardCharsets.UTF_8))
                    .join();
            var other = results.next(PATIENCE).orElseThrow();
            String refusal = new String(other.value(), StandardCharsets.UTF_8);
            assertTrue(refusal.contains("conflicting-job"), refusal);
        }
    }

    @Test
    void healthAndMetricsAreThere() {
        // Ready only once the broker has answered.
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        given().get("/q/health/live").then().statusCode(200);
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(
                        containsString("zoetrope_capacity_total_bytes"),
                        containsString("zoetrope_attention_calls_total{kernel=\"flash\"}"),
                        containsString("zoetrope_passes_total{kind=\"eager\"}"));
    }

    private static JobId publish(String name, String request) {
        JobId job = new JobId(name + "-" + System.nanoTime());
        try (RequestPublisher publisher = publisher()) {
            publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
        }
        return job;
    }

    private static RequestPublisher publisher() {
        return new RequestPublisher(SharedBroker.client(), Topics.DEFAULT, "/test");
    }

    private static byte[] download(ArtifactReference artifact) {
        byte[] content = given().get("/artifacts/" + artifact.key())
                .then()
                .statusCode(200)
                .contentType(artifact.mediaType())
                .extract()
                .asByteArray();
        assertEquals(artifact.bytes(), content.length);
        return content;
    }

    private static void resultIsValid(JobId job, String status) {
        try (TrailReader results = TrailReader.open(
                SharedBroker.client(), Topics.DEFAULT.results(), Optional.of(job), TrailReader.Start.BEGINNING)) {
            var result = results.next(PATIENCE).orElseThrow().cloudEvent();
            Contract.assertValid(result);
            assertTrue(new String(result.data(), StandardCharsets.UTF_8).contains("\"" + status + "\""));
        }
    }
}
