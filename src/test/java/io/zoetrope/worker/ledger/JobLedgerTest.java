package io.zoetrope.worker.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.intake.RecordPlace;
import io.zoetrope.worker.ledger.JobLedger.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobLedgerTest {

    private static final JobId JOB = new JobId("job");
    private static final RecordPlace FIRST = new RecordPlace("zoetrope.requests", 0, 7);
    private static final RecordPlace SECOND = new RecordPlace("zoetrope.requests", 0, 9);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    Path folder;

    private final List<Throwable> outages = new ArrayList<>();
    private FolderStore store;
    private JobArtifacts artifacts;
    private JobLedger ledger;

    @BeforeEach
    void open() {
        store = FolderStore.open(folder.resolve("artifacts"));
        artifacts = new JobArtifacts(
                store, ArtifactUrls.below(URI.create("http://localhost/")), Duration.ofSeconds(20), outages::add);
        ledger = new JobLedger(artifacts, Clock.systemUTC(), false);
        artifacts.list(""); // the first of several threads would set up what all of them share
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void theFirstRecordOwnsItsJobHoweverOftenItIsDelivered() {
        assertEquals(Ownership.OWNER, claim("{}", FIRST, Optional.empty()));
        assertEquals(Ownership.OWNER, claim("{}", FIRST, Optional.empty()));
        assertEquals(Ownership.DUPLICATE, claim("{}", SECOND, Optional.empty()));
        assertEquals(Ownership.CONFLICT, claim("{\"a\":1}", SECOND, Optional.empty()));
    }

    @Test
    void aRecordThatWasPublishedForTheOwnerTakesItsPlace() {
        RecordPlace third = new RecordPlace("zoetrope.requests", 0, 11);
        claim("{}", FIRST, Optional.empty());
        assertEquals(Ownership.OWNER, claim("{}", SECOND, Optional.of(FIRST)));
        assertEquals(Ownership.DUPLICATE, claim("{}", FIRST, Optional.empty()), "its time is over");
        assertEquals(Ownership.DUPLICATE, claim("{}", third, Optional.of(FIRST)), "somebody else was faster");
        assertEquals(Ownership.OWNER, claim("{}", third, Optional.of(SECOND)));
    }

    @Test
    void aPlaceReadsWhatItWroteAndNothingElse() {
        assertEquals(Optional.of(FIRST), RecordPlace.parse(FIRST.toString()));
        for (String other : List.of("", "a", "a/b/c", "a/1/", "a/1/2/3", "a/1/99999999999999999999", "ä/1/2")) {
            assertEquals(Optional.empty(), RecordPlace.parse(other), other);
        }
    }

    @Test
    void noTwoAttemptsShareANumber() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> numbers = IntStream.range(0, 12)
                    .mapToObj(worker -> threads.submit(() -> ledger.openAttempt(JOB, "worker-" + worker, 1)))
                    .toList();
            List<Integer> found = new ArrayList<>();
            for (Future<Integer> number : numbers) {
                found.add(number.get(20, TimeUnit.SECONDS));
            }
            assertEquals(
                    IntStream.rangeClosed(1, 12).boxed().toList(),
                    found.stream().sorted().toList());
        }
    }

    @Test
    void failuresAreCountedAndTheMemoryThatDidNotSufficeIsRemembered() {
        assertEquals(1, ledger.addFailure(JOB, failure(Stage.DECODE, 100)));
        assertEquals(2, ledger.addFailure(JOB, failure(Stage.DECODE, 150)));
        assertEquals(3, ledger.addFailure(JOB, failure(Stage.DENOISE, 900)));
        assertEquals(150, ledger.exhausted(JOB, Stage.DECODE));
        assertEquals(0, ledger.exhausted(JOB, Stage.TEXT_ENCODE));
    }

    @Test
    void theFirstCommandToStopCountsAndNoneIsKeptForAJobThatHasEnded() {
        assertEquals(Optional.empty(), ledger.cancellation(JOB));
        Cancellation first = new Cancellation("ann", "too long", NOON);
        assertEquals(Optional.of(first), ledger.cancel(JOB, first));
        assertEquals(Optional.of(first), ledger.cancel(JOB, new Cancellation("bob", null, NOON)));
        assertEquals(Optional.of(first), ledger.cancellation(JOB));

        artifacts.writeIfAbsent(ArtifactKey.terminalOf(JOB), bytes("{}"));
        assertEquals(Optional.empty(), ledger.cancel(JOB, first));
        assertEquals(Optional.empty(), ledger.cancellation(JOB));
    }

    @Test
    void whenAJobHasEndedOnlyItsRequestItsEndAndTheNamedMediaStay() throws IOException {
        String plan = "0123456789abcdef";
        claim("{}", FIRST, Optional.empty());
        ledger.openAttempt(JOB, "one", 1);
        ledger.addFailure(JOB, failure(Stage.DECODE, 1));
        ledger.cancel(JOB, new Cancellation(null, null, NOON));
        artifacts.writeIfAbsent(ArtifactKey.terminalOf(JOB), bytes("{}"));
        artifacts.write(ArtifactKey.contextsOf(JOB, plan), bytes("contexts"));
        artifacts.write(ArtifactKey.latentsOf(JOB, plan), bytes("latents"));
        artifacts.write(ArtifactKey.checkpointOf(JOB, plan, 3), bytes("checkpoint"));
        Path clip = Files.writeString(folder.resolve("clip"), "clip");
        artifacts.keepFirst(ArtifactKey.clipOf(JOB, plan), clip);
        artifacts.keepFirst(ArtifactKey.clipOf(JOB, "fedcba9876543210"), clip);

        ledger.tidy(JOB, List.of(ArtifactKey.clipOf(JOB, plan).value()));

        assertEquals(
                List.of("clip-%s.mp4".formatted(plan), "request.json", "terminal.json"),
                artifacts.list(ArtifactKey.folderOf(JOB)).stream()
                        .map(ArtifactKey::name)
                        .sorted()
                        .toList());
    }

    @Test
    void anArtifactThatReadersMayKnowIsNeverReplaced() throws IOException {
        ArtifactKey key = ArtifactKey.clipOf(JOB, "0123456789abcdef");
        var first = artifacts.keepFirst(key, Files.writeString(folder.resolve("first"), "first"));
        var second = artifacts.keepFirst(key, Files.writeString(folder.resolve("second"), "another"));
        assertEquals(first, second);
        assertEquals("first", new String(artifacts.read(key), StandardCharsets.UTF_8));
    }

    @Test
    void aStoreThatGoesAwayIsTriedAgainUntilItIsBack() throws Exception {
        Path away = folder.resolve("away");
        Files.move(folder.resolve("artifacts"), away);
        Files.createFile(folder.resolve("artifacts"));
        try (var thread = Executors.newSingleThreadExecutor()) {
            Future<Boolean> writing =
                    thread.submit(() -> artifacts.writeIfAbsent(ArtifactKey.of(JOB, "a"), bytes("b")));
            Thread.sleep(1_000);
            Files.delete(folder.resolve("artifacts"));
            Files.move(away, folder.resolve("artifacts"));
            assertTrue(writing.get(20, TimeUnit.SECONDS));
        }
        assertTrue(!outages.isEmpty(), "the outage is told");
    }

    @Test
    void aWorkerThatLeavesDoesNotWaitForTheStore() throws IOException {
        Files.move(folder.resolve("artifacts"), folder.resolve("away"));
        Files.createFile(folder.resolve("artifacts"));
        artifacts.loseNoTime();
        long begin = System.nanoTime();
        assertThrows(ArtifactException.class, () -> artifacts.write(ArtifactKey.of(JOB, "a"), bytes("b")));
        assertTrue(System.nanoTime() - begin < Duration.ofSeconds(2).toNanos());
    }

    private Ownership claim(String request, RecordPlace place, Optional<RecordPlace> supersedes) {
        return ledger.claimRequest(JOB, bytes(request), place, supersedes);
    }

    private static JobLedger.Failure failure(Stage stage, long reserved) {
        return new JobLedger.Failure(1, "worker", stage, ReleaseReason.OUT_OF_MEMORY, "no room", reserved, NOON);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
