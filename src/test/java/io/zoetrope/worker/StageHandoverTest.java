package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.ledger.JobArtifacts;
import io.zoetrope.worker.ledger.JobLedger;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is safe before a job leaves its worker, if the broker answers when this test says so.
class StageHandoverTest {

    private static final JobId JOB = new JobId("job");
    private static final GenerationEvent.Requested REQUESTED =
            new GenerationEvent.Requested(Header.ofRequest(JOB, Instant.EPOCH), TextNode.valueOf("x"), null);

    @TempDir
    private Path folder;

    private final List<CompletableFuture<Void>> facts = new ArrayList<>();
    private final List<CompletableFuture<Void>> states = new ArrayList<>();
    private final List<CompletableFuture<Void>> handedOver = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> accepted = new CompletableFuture<>();

    @Test
    void aJobIsHandedOverWhenAllThatWasSaidOfItIsSafeAndItsRecordIsLetGoWhenTheNextOneIs() throws Exception {
        try (FolderStore store = FolderStore.open(folder)) {
            HeldJob held = held();
            held.say(header -> new GenerationEvent.StageStarted(header, Stage.TEXT_ENCODE, "worker", "cpu"));
            CompletableFuture<HeldJob> done = handover(store)
                    .handOver(Multi.createFrom().item(held), Stage.DENOISE)
                    .toUni()
                    .subscribeAsCompletionStage();
            states.forEach(answer -> answer.complete(null));
            Thread.sleep(200); // long enough for a mistake
            assertEquals(List.of(), handedOver, "its fact is not safe");
            facts.forEach(answer -> answer.complete(null));
            Awaitility.await().until(() -> handedOver.size() == 1);
            assertFalse(accepted.isDone(), "nobody else has it yet");
            handedOver.getFirst().complete(null);
            done.join();
            assertTrue(accepted.isDone());
        }
    }

    private StageHandover handover(FolderStore store) {
        JobArtifacts artifacts = new JobArtifacts(
                store, ArtifactUrls.below(URI.create("http://localhost/")), Duration.ofSeconds(1), _ -> {});
        MutinyEmitter<byte[]> queues = emitter();
        return new StageHandover(
                new Publisher(null, null, null, null, queues, URI.create("/test"), Clock.systemUTC()),
                new JobLedger(artifacts, Clock.systemUTC(), false),
                null, // nothing fails
                Topics.DEFAULT);
    }

    private HeldJob held() {
        byte[] request = "{\"prompt\":\"a tone\"}".getBytes(StandardCharsets.UTF_8);
        Job job = new Job(
                JOB, RequestReader.read(request).request(), null, "digest", Instant.EPOCH, null, Map.of(), List.of());
        IntakeRecord record = new IntakeRecord(
                "zoetrope.requests", 0, 0, "job", new RecordHeaders(), Instant.EPOCH, 1, new IntakeRecord.Claim() {
                    @Override
                    public boolean isStillOurs() {
                        return true;
                    }

                    @Override
                    public void onLoss(Runnable action) {
                        // it is not lost
                    }
                });
        Message<byte[]> message = Message.of(request, Metadata.of(record), () -> {
            accepted.complete(null);
            return CompletableFuture.completedFuture(null);
        });
        JobHold hold = new JobHold(JOB, 1, message, Optional.empty(), Clock.systemUTC(), () -> {});
        Trail trail = new Trail(
                _ -> answered(facts),
                _ -> answered(states),
                () -> Uni.createFrom().voidItem(),
                HeaderSequence.open(JOB, 1, Clock.systemUTC()),
                JobSummary.of(REQUESTED));
        return new HeldJob(job, hold, trail);
    }

    @SuppressWarnings("unchecked")
    private MutinyEmitter<byte[]> emitter() {
        return (MutinyEmitter<byte[]>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MutinyEmitter.class}, (_, method, _) -> {
                    assertEquals("sendMessage", method.getName());
                    return answered(handedOver);
                });
    }

    private static Uni<Void> answered(List<CompletableFuture<Void>> answers) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        answers.add(answer);
        return Uni.createFrom().completionStage(answer);
    }
}
