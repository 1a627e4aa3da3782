package io.zoetrope.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.DiffusersCopy;
import io.zoetrope.engine.tensor.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model's digest changes with every file that is read, and with no other.
class ModelDigestTest {

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0");

    @TempDir
    Path folder;

    @Test
    void everyFileOfADiffusersFolderCountsAndNothingBesides() throws IOException {
        Path official = TINY.resolve("official");
        DiffusersCopy.write(
                official.resolve("tiny.safetensors"), TINY.resolve("diffusers"), official.resolve("gemma"), folder);
        String digest = digest();
        Set<String> digests = new HashSet<>(Set.of(digest));
        List<Path> files = files();
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            Files.write(file, changed(file, content));
            digests.add(digest());
            Files.write(file, content);
        }
        assertEquals(files.size() + 1, digests.size());
        assertEquals(digest, digest());
        Files.writeString(folder.resolve("README.md"), "not read");
        assertEquals(digest, digest());
    }

    @Test
    void aFileThatChangedIsReadAgain() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "one");
        String one = ModelDigest.of(List.of(file));
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertNotEquals(one, ModelDigest.of(List.of(file)));
        Files.writeString(file, "one");
        assertEquals(one, ModelDigest.of(List.of(file)));
    }

    private String digest() {
        return CheckpointDescription.read("tiny", ModelFiles.of(folder), DataType.FLOAT32)
                .digest();
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// JSON with a blank more; weights with their last bit flipped.
    private static byte[] changed(Path file, byte[] content) {
        byte[] changed = content.clone();
        if (file.toString().endsWith(".json")) {
            changed = new byte[content.length + 1];
            System.arraycopy(content, 0, changed, 0, content.length);
            changed[content.length] = ' ';
        } else {
            changed[content.length - 1] ^= 1;
        }
        return changed;
    }
}
