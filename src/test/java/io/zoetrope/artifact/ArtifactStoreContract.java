package io.zoetrope.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException.Kind;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every store must do; each kind of store runs all of it.
abstract class ArtifactStoreContract {

    private static final String PLAN = "0123456789abcdef";
    private static final int WRITERS = 16;

    final JobId job = new JobId("job-" + UUID.randomUUID());

    @TempDir
    Path scratch;

    abstract ArtifactStore store();

    @Test
    void whatIsWrittenIsReadAgain() {
        byte[] content = bytes(100_000);
        ArtifactKey key = ArtifactKey.clipOf(job, PLAN);

        Artifact written = await(store().write(key, content));

        assertEquals(new Artifact(key, 100_000, Sha256.of(content), "video/mp4"), written);
        assertArrayEquals(content, await(store().read(key)));
        assertArrayEquals(content, await(store().read(written)));
        assertEquals(OptionalLong.of(100_000), await(store().size(key)));
        assertTrue(await(store().exists(key)));
    }

    @Test
    void whatPassesIsReadAgainToo() {
        byte[] content = bytes(100_000);
        ArtifactKey key = ArtifactKey.latentsOf(job, PLAN);
        await(store().write(key, text("before")));

        Artifact written = await(store().writePassing(key, content));

        assertEquals(new Artifact(key, 100_000, Sha256.of(content), key.mediaType()), written);
        assertArrayEquals(content, await(store().read(written)));
    }

    @Test
    void aFileIsStoredWithItsDigest() throws IOException {
        byte[] content = bytes(9_000_000);
        Path file = Files.write(scratch.resolve("clip"), content);
        ArtifactKey key = ArtifactKey.clipOf(job, PLAN);

        Artifact written = await(store().write(key, file));

        assertEquals(new Artifact(key, content.length, Sha256.of(content), "video/mp4"), written);
        assertArrayEquals(content, await(store().read(written)));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path missing = scratch.resolve("missing.mp4");

        ArtifactException failure = failureOf(store().write(ArtifactKey.clipOf(job, PLAN), missing));

        assertEquals(Kind.FAULT, failure.kind());
        assertTrue(failure.getMessage().contains(missing.toString()), failure.getMessage());
    }

    @Test
    void writingAgainReplaces() {
        ArtifactKey key = ArtifactKey.latentsOf(job, PLAN);
        await(store().write(key, text("a longer first content")));
        await(store().write(key, text("second")));

        assertEquals("second", textOf(key));
    }

    @Test
    void buffersAreWrittenOneAfterTheOtherAndLeftAsTheyAre() {
        byte[] content = new byte[300_000];
        new Random(7).nextBytes(content);
        ByteBuffer heap = ByteBuffer.wrap(content, 0, 1000);
        ByteBuffer direct = ByteBuffer.allocateDirect(content.length - 1000);
        direct.put(content, 1000, direct.capacity()).flip();
        ArtifactKey key = ArtifactKey.checkpointOf(job, PLAN, 1);
        for (int turn = 0; turn < 2; turn++) {
            await(store().writeUndigested(key, List.of(heap, direct)));
            assertArrayEquals(content, await(store().read(key)));
            assertEquals(content.length, heap.remaining() + direct.remaining());
        }
    }

    @Test
    void emptyContentIsContent() {
        ArtifactKey key = ArtifactKey.of(job, "empty");
        await(store().write(key, new byte[0]));

        assertEquals(OptionalLong.of(0), await(store().size(key)));
        assertEquals(0, await(store().read(key)).length);
    }

    @Test
    void partsAreRead() throws IOException {
        byte[] content = bytes(1000);
        ArtifactKey key = ArtifactKey.clipOf(job, PLAN);
        await(store().write(key, content));

        for (long[] part :
                new long[][] {{0, 1000}, {0, 10}, {500, 100}, {999, 1}, {990, 100}, {1000, 5}, {5000, 5}, {3, 0}}) {
            int from = (int) Math.min(part[0], 1000);
            int to = (int) Math.min(part[0] + part[1], 1000);
            try (ArtifactContent found = await(store().open(key, part[0], part[1]))) {
                assertArrayEquals(
                        Arrays.copyOfRange(content, from, Math.max(from, to)),
                        found.stream().readAllBytes());
                assertEquals(Math.max(0, to - from), found.length());
                assertEquals(1000, found.total());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> store().open(key, -1, 5));
    }

    @Test
    void whatIsNotThereIsNotFoundByName() {
        ArtifactKey key = ArtifactKey.contextsOf(job, PLAN);

        for (ArtifactException failure : List.of(failureOf(store().read(key)), failureOf(store().open(key, 0, 1)))) {
            assertEquals(Kind.NOT_FOUND, failure.kind());
            assertFalse(failure.retryable());
            assertTrue(failure.getMessage().contains(key.value()), failure.getMessage());
        }
        assertEquals(OptionalLong.empty(), await(store().size(key)));
        assertFalse(await(store().exists(key)));
        assertFalse(await(store().delete(key)));
    }

    @Test
    void deletedIsGone() {
        ArtifactKey key = ArtifactKey.contextsOf(job, PLAN);
        await(store().write(key, text("context")));

        assertTrue(await(store().delete(key)));
        assertFalse(await(store().exists(key)));
        assertTrue(await(store().writeIfAbsent(key, text("again"))));
    }

    @Test
    void keysAreListedInOrderByPrefix() {
        ArtifactKey later = ArtifactKey.of(job, "z");
        ArtifactKey earlier = ArtifactKey.of(job, "a/b");
        ArtifactKey neighbour = ArtifactKey.of(new JobId(job + "x"), "a");
        for (ArtifactKey key : List.of(later, neighbour, earlier)) {
            await(store().write(key, text("x")));
        }

        assertEquals(List.of(earlier, later), list(ArtifactKey.folderOf(job)));
        assertEquals(List.of(earlier, later, neighbour), list("jobs/" + job));
        assertEquals(List.of(later), list(later.value()));
        assertEquals(List.of(), list("jobs/" + job + "/nothing"));
    }

    @Test
    void moreKeysThanOnePageAreListed() {
        int count = 1100;
        Uni.join()
                .all(IntStream.range(0, count)
                        .mapToObj(number ->
                                store().write(ArtifactKey.of(job, "step-%05d".formatted(number)), new byte[1]))
                        .toList())
                .usingConcurrencyOf(16)
                .andFailFast()
                .await()
                .atMost(Duration.ofMinutes(1));

        assertEquals(count, list(ArtifactKey.folderOf(job)).size());
    }

    @Test
    void whatWasChangedBehindOurBackIsDamaged() {
        Artifact written = await(store().write(ArtifactKey.latentsOf(job, PLAN), text("latents")));
        await(store().write(written.key(), text("Latents")));

        ArtifactException failure = failureOf(store().read(written));

        assertEquals(Kind.DAMAGED, failure.kind());
        assertTrue(failure.getMessage().contains(written.sha256()), failure.getMessage());
    }

    @Test
    void ofManyWritersExactlyOneWins() throws InterruptedException, ExecutionException {
        for (int round = 0; round < 10; round++) {
            ArtifactKey key = ArtifactKey.of(job, "terminal-%d.json".formatted(round));
            List<byte[]> contents = IntStream.range(0, WRITERS)
                    .mapToObj(writer -> text("writer %d ".formatted(writer).repeat(1000)))
                    .toList();

            List<Boolean> won = together(contents.stream()
                    .<Callable<Boolean>>map(content -> () -> await(store().writeIfAbsent(key, content)))
                    .toList());

            assertEquals(1, won.stream().filter(Boolean::booleanValue).count(), "round " + round);
            assertArrayEquals(contents.get(won.indexOf(true)), await(store().read(key)));
            assertFalse(await(store().writeIfAbsent(key, text("late"))));
        }
    }

    @Test
    void whatIsKeptFirstStays() throws IOException {
        ArtifactKey sound = ArtifactKey.soundOf(job, PLAN);
        byte[] first = text("first");
        Artifact expected = new Artifact(sound, first.length, Sha256.of(first), "audio/wav");

        assertEquals(expected, await(store().keepFirst(sound, first)));
        assertEquals(expected, await(store().keepFirst(sound, text("second"))));
        assertEquals(expected, await(store().keepFirst(sound, Files.write(scratch.resolve("third"), text("third")))));
        assertArrayEquals(first, await(store().read(sound)));
    }

    @Test
    void aReaderSeesAllOrNothing() throws InterruptedException, ExecutionException {
        ArtifactKey key = ArtifactKey.latentsOf(job, PLAN);
        byte[] first = new byte[2_000_000];
        byte[] second = new byte[2_000_000];
        Arrays.fill(second, (byte) 1);
        await(store().write(key, first));

        Callable<Boolean> writing = () -> {
            for (int turn = 0; turn < 10; turn++) {
                await(store().write(key, turn % 2 == 0 ? second : first));
            }
            return true;
        };
        Callable<Boolean> reading = () -> {
            boolean whole = true;
            for (int turn = 0; turn < 20; turn++) {
                byte[] seen = await(store().read(key));
                whole &= Arrays.equals(first, seen) || Arrays.equals(second, seen);
            }
            return whole;
        };

        assertEquals(List.of(true, true), together(List.of(writing, reading)));
    }

    @Test
    void nothingHappensBeforeItIsAskedFor() {
        ArtifactKey key = ArtifactKey.requestOf(job);
        Uni<Artifact> pending = store().write(key, text("{}"));

        assertFalse(await(store().exists(key)));
        await(pending);
        assertTrue(await(store().exists(key)));
    }

    @Test
    void aHealthyStoreSaysSo() {
        await(store().check());
    }

    static <T> T await(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(30));
    }

    static ArtifactException failureOf(Uni<?> work) {
        return assertThrows(ArtifactException.class, () -> await(work));
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    List<ArtifactKey> list(String prefix) {
        return await(store().list(prefix).collect().asList());
    }

    private String textOf(ArtifactKey key) {
        return new String(await(store().read(key)), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int count) {
        byte[] content = new byte[count];
        new Random(count).nextBytes(content);
        return content;
    }

    private static <T> List<T> together(List<Callable<T>> tasks) throws InterruptedException, ExecutionException {
        try (var threads = Executors.newFixedThreadPool(tasks.size())) {
            List<T> results = new java.util.ArrayList<>();
            for (Future<T> task : threads.invokeAll(tasks)) {
                results.add(task.get());
            }
            return results;
        }
    }
}
