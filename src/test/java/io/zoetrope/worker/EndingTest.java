package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.request.JobId;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// In which order the end of a job is told, if the broker answers when this test says so.
class EndingTest {

    private static final JobId JOB = new JobId("job");
    private static final GenerationEvent.Requested REQUESTED =
            new GenerationEvent.Requested(Header.ofRequest(JOB, Instant.EPOCH), TextNode.valueOf("x"), null);

    /// What was sent to a channel and waits for its answer.
    private record Sent(String channel, CompletableFuture<Void> answer) {}

    @TempDir
    private Path folder;

    private final List<Sent> sent = Collections.synchronizedList(new ArrayList<>());

    private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(2);

    private final Executor usual = Infrastructure.getDefaultExecutor();

    @BeforeEach
    void ownExecutor() {
        Infrastructure.setDefaultExecutor(pool, false);
    }

    @AfterEach
    void executorsAsUsual() {
        Infrastructure.setDefaultExecutor(usual, false);
        pool.shutdownNow();
    }

    @Test
    void factThenStateAndResultTogether() {
        try (FolderStore store = FolderStore.open(folder)) {
            CompletableFuture<Void> ended = ending(store)
                    .end(failed(), JobSummary.of(REQUESTED), Map.of())
                    .subscribeAsCompletionStage();
            awaitSent(1);
            assertEquals(List.of(Channels.EVENTS), channels(), "who reads of the end elsewhere finds its fact");
            answer(0);
            awaitSent(3);
            assertEquals(List.of(Channels.EVENTS, Channels.STATE, Channels.RESULTS), channels());
            answer(1);
            assertFalse(ended.isDone());
            answer(2);
            ended.join();
        }
    }

    @Test
    void anEndWhoseFactIsNotSafeIsNotTold() {
        try (FolderStore store = FolderStore.open(folder)) {
            CompletableFuture<Void> ended = ending(store)
                    .end(failed(), JobSummary.of(REQUESTED), Map.of())
                    .subscribeAsCompletionStage();
            awaitSent(1);
            sent.getFirst().answer().completeExceptionally(new IllegalStateException("no broker"));
            assertThrows(CompletionException.class, ended::join);
            assertEquals(List.of(Channels.EVENTS), channels());
        }
    }

    @Test
    void aWorkerThatLeavesAndCannotTidyUpHasEndedTheJobAllTheSame() {
        try (FolderStore store = FolderStore.open(folder)) {
            ArtifactKey passing = ArtifactKey.of(JOB, "attempt-1.json");
            store.write(passing, "{}".getBytes(StandardCharsets.UTF_8)).await().indefinitely();
            CompletableFuture<Void> ended = ending(store)
                    .end(failed(), JobSummary.of(REQUESTED), Map.of())
                    .subscribeAsCompletionStage();
            awaitSent(1);
            answer(0);
            awaitSent(3);
            pool.shutdown(); // as of a worker that leaves
            answer(1);
            answer(2);
            ended.join();
            assertTrue(store.exists(passing).await().indefinitely());
        }
    }

    private Ending ending(FolderStore store) {
        JobArtifacts artifacts = new JobArtifacts(
                store, ArtifactUrls.below(URI.create("http://localhost/")), Duration.ofSeconds(1), _ -> {});
        return new Ending(
                artifacts,
                new JobLedger(artifacts, Clock.systemUTC(), false),
                publisher(),
                new JobMetrics(new SimpleMeterRegistry(), new Capacity(1)));
    }

    private Publisher publisher() {
        return new Publisher(
                emitter(Channels.EVENTS),
                emitter(Channels.STATE),
                emitter(Channels.RESULTS),
                emitter(Channels.DEAD),
                emitter(Channels.QUEUES),
                URI.create("/test"),
                Clock.systemUTC());
    }

    @SuppressWarnings("unchecked")
    private MutinyEmitter<byte[]> emitter(String channel) {
        return (MutinyEmitter<byte[]>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MutinyEmitter.class}, (_, method, _) -> {
                    assertEquals("sendMessage", method.getName());
                    CompletableFuture<Void> answer = new CompletableFuture<>();
                    sent.add(new Sent(channel, answer));
                    return Uni.createFrom().completionStage(answer);
                });
    }

    private void awaitSent(int count) {
        Awaitility.await().until(() -> sent.size() == count);
    }

    private void answer(int number) {
        sent.get(number).answer().complete(null);
    }

    private List<String> channels() {
        return sent.stream().map(Sent::channel).toList();
    }

    private static GenerationEvent failed() {
        return new GenerationEvent.Failed(
                new Header(JOB, 1, 0, Instant.EPOCH), "worker", FailureCode.STAGE_FAILED, "because");
    }
}
