package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobHistory;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.Origin;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.JobId;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.RecordPlace;
import io.zoetrope.worker.kafka.BrokerResource;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.ledger.JobArtifacts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The whole worker with its reaper: a job whose record the broker no longer has becomes a clip all the same.
@QuarkusTest
@TestProfile(TwoModels.class)
@WithTestResource(BrokerResource.class)
class JobReaperTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final JobArtifacts artifacts;
    private final Publisher publisher;

    JobReaperTest(JobArtifacts artifacts, Publisher publisher) {
        this.artifacts = artifacts;
        this.publisher = publisher;
    }

    @Test
    void aJobThatTheBrokerHasDroppedBecomesAClip() {
        byte[] request = "{\"prompt\":\"A red circle.\",\"seed\":7,\"steps\":2,\"metadata\":{\"shot\":\"12\"}}"
                .getBytes(StandardCharsets.UTF_8);
        RecordPlace settled = settledRecord(request);
        JobId lost = new JobId("lost-" + System.nanoTime());
        artifacts.writeIfAbsent(
                ArtifactKey.requestOf(lost),
                RequestReader.read(request).request().toJson());
        artifacts.write(ArtifactKey.of(lost, "owner-requests.json"), CanonicalJson.write(settled));
        var requested = new GenerationEvent.Requested(
                Header.ofRequest(lost, Instant.now().truncatedTo(ChronoUnit.MILLIS)),
                IncomingRequest.tree(request),
                new Origin("/alice", settled.topic(), settled.partition(), settled.offset()));
        publisher.fact(requested).await().indefinitely();
        publisher.state(JobSummary.of(requested)).await().indefinitely();

        List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), lost, PATIENCE);

        assertInstanceOf(GenerationEvent.Completed.class, facts.getLast());
        assertTrue(facts.stream().anyMatch(GenerationEvent.Republished.class::isInstance));
        JobHistory history = JobHistory.fold(facts);
        assertEquals(
                List.of(JobHistory.Standing.DUPLICATE),
                history.flagged().stream().map(JobHistory.Entry::standing).toList(),
                "the request is told again, and nothing else is doubtful: " + history.flagged());
        assertEquals(List.of(), history.gaps());
    }

    private static RecordPlace settledRecord(byte[] request) {
        JobId job = new JobId("before-" + System.nanoTime());
        try (var requests = new RequestPublisher(SharedBroker.client(), Topics.DEFAULT, "/alice")) {
            var place = requests.request(job, request).join();
            Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
            return new RecordPlace(place.topic(), place.partition(), place.offset());
        }
    }
}
