package io.zoetrope.artifact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends ArtifactStoreContract {

    @TempDir
    Path folder;

    private FolderStore store;

    @BeforeEach
    void open() {
        store = FolderStore.open(folder.resolve("artifacts"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    ArtifactStore store() {
        return store;
    }

    @Test
    void nothingIsLeftBeside() throws IOException {
        await(store.write(ArtifactKey.terminalOf(job), text("first")));
        await(store.write(ArtifactKey.terminalOf(job), text("second")));
        await(store.writeIfAbsent(ArtifactKey.terminalOf(job), text("third")));
        await(store.writeIfAbsent(ArtifactKey.requestOf(job), text("fourth")));
        await(store.writePassing(ArtifactKey.requestOf(job), text("fifth")));

        assertEquals(List.of("request.json", "terminal.json"), filesBelow(folder));
    }

    @Test
    void draftsOfDeadWritersAreNotListedAndRemovedWhenOld() throws IOException {
        Path jobFolder =
                Files.createDirectories(store.pathOf(ArtifactKey.requestOf(job)).getParent());
        Path old = Files.writeString(jobFolder.resolve(".old.tmp"), "half");
        Path young = Files.writeString(jobFolder.resolve(".young.tmp"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        assertEquals(List.of(), list(""));
        assertEquals(1, await(store.removeAbandoned(Duration.ofHours(1))));
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));
    }

    @Test
    void aReadOnlyFolderIsNamed() throws IOException {
        Path readOnly = Files.createDirectory(
                folder.resolve("read-only"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
        // Nothing is read-only for root but what the kernel keeps for itself.
        Path unwritable = Files.isWritable(readOnly) ? Path.of("/sys") : readOnly;

        ArtifactException failure =
                assertThrows(ArtifactException.class, () -> FolderStore.open(unwritable.resolve("artifacts")));

        assertEquals(Kind.DENIED, failure.kind());
        assertFalse(failure.retryable());
        assertTrue(failure.getMessage().contains(unwritable.toString()), failure.getMessage());
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        for (Path wrong : List.of(file, file.resolve("below"))) {
            ArtifactException failure = assertThrows(ArtifactException.class, () -> FolderStore.open(wrong));

            assertEquals(Kind.MISCONFIGURED, failure.kind(), failure.getMessage());
            assertTrue(failure.getMessage().contains(wrong.toString()), failure.getMessage());
        }
    }

    @Test
    void aFileInPlaceOfAJobsFolderIsNamed() throws IOException {
        Path jobs = folder.resolve("artifacts/jobs");
        Files.writeString(jobs, "in the way");

        ArtifactException failure = failureOf(store.write(ArtifactKey.requestOf(job), text("{}")));

        assertEquals(Kind.MISCONFIGURED, failure.kind(), failure.getMessage());
        assertTrue(failure.getMessage().contains(ArtifactKey.requestOf(job).value()), failure.getMessage());
    }

    @Test
    void aFolderThatIsAwayForAWhileHidesNothing() throws IOException {
        ArtifactKey key = ArtifactKey.terminalOf(job);
        await(store.write(key, text("kept")));
        Path root = folder.resolve("artifacts");
        Files.move(root, folder.resolve("elsewhere"));
        for (boolean fileInItsPlace : List.of(false, true)) {
            if (fileInItsPlace) {
                Files.createFile(root);
            }
            for (Uni<?> call : List.of(
                    store.size(key),
                    store.delete(key),
                    store.list("jobs/").collect().asList(),
                    store.read(key))) {
                ArtifactException failure = assertThrows(ArtifactException.class, () -> await(call));
                assertNotEquals(Kind.NOT_FOUND, failure.kind());
            }
        }
        Files.delete(root);
        Files.move(folder.resolve("elsewhere"), root);
        assertEquals(List.of(key), await(store.list("jobs/").collect().asList()));
        assertTrue(await(store.delete(key)));
    }

    @Test
    void aFolderThatVanishedIsUnreachableAndNotEmpty() throws IOException {
        Files.delete(folder.resolve("artifacts"));

        ArtifactException failure = failureOf(store.read(ArtifactKey.requestOf(job)));

        assertEquals(Kind.UNREACHABLE, failure.kind());
        assertTrue(failure.retryable());
    }

    @Test
    void aFullDiskIsSaidAndLeavesWhatWasThere() throws IOException {
        try (FileSystem small = Jimfs.newFileSystem(Configuration.unix().toBuilder()
                        .setMaxSize(1 << 20)
                        .setBlockSize(4096)
                        .build());
                FolderStore full = FolderStore.open(small.getPath("/artifacts"))) {
            byte[] fits = new byte[200_000];
            await(full.write(ArtifactKey.latentsOf(job, "0123abcd"), fits));

            ArtifactException failure =
                    failureOf(full.write(ArtifactKey.latentsOf(job, "0123abcd"), new byte[2_000_000]));

            assertEquals(Kind.FULL, failure.kind(), failure.getMessage());
            assertTrue(failure.retryable());
            assertTrue(failure.getMessage().contains("latents-0123abcd.safetensors"), failure.getMessage());
            assertArrayEquals(fits, await(full.read(ArtifactKey.latentsOf(job, "0123abcd"))));
            assertEquals(List.of("latents-0123abcd.safetensors"), filesBelow(small.getPath("/artifacts")));
        }
    }

    @Test
    void theSystemsWordsForAFullDiskAreKnown() {
        IOException fault = assertThrows(IOException.class, () -> {
            try (OutputStream full = Files.newOutputStream(Path.of("/dev/full"))) {
                full.write(1);
            }
        });

        ArtifactException failure = FolderFaults.of("write x", folder, 1, fault);

        assertEquals(Kind.FULL, failure.kind(), failure.getMessage());
    }

    private static List<String> filesBelow(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }
}
