package io.zoetrope.plan;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// SHA-256 over the SHA-256 digests of all files of a model, in the order of their reading. Where they lie and what
/// they are called does not count.
///
/// A file is read once in a process, as long as its size and time of change stay the same: models may share a text
/// model, and one is asked for more than once.
final class ModelDigest {

    /// What tells that a file is still the one that was read.
    private record Stamp(Path file, long bytes, FileTime changed) {

        static Stamp of(Path file) throws IOException {
            Path real = file.toRealPath();
            return new Stamp(real, Files.size(real), Files.getLastModifiedTime(real));
        }
    }

    private static final Map<Stamp, String> KNOWN = new ConcurrentHashMap<>();

    private ModelDigest() {}

    /// @return in hexadecimal
    /// @throws CheckpointException if a file cannot be read
    static String of(List<Path> files) {
        String digests = files.stream().map(ModelDigest::of).collect(Collectors.joining("\n"));
        return Sha256.of(digests.getBytes(StandardCharsets.US_ASCII));
    }

    private static String of(Path file) {
        try {
            Stamp stamp = Stamp.of(file);
            String known = KNOWN.get(stamp);
            if (known == null) {
                known = Sha256.of(file);
                KNOWN.put(stamp, known);
            }
            return known;
        } catch (IOException e) {
            throw new CheckpointException(file.toString(), "cannot be read: " + e.getMessage(), e);
        }
    }
}
