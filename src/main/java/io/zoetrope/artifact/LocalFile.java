package io.zoetrope.artifact;

import io.zoetrope.artifact.ArtifactException.Kind;
import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file of this machine that is to be stored. That it cannot be read must not look like a failure of the store.
///
/// @param bytes its size
record LocalFile(Path path, long bytes) {

    static LocalFile of(Path path) {
        try {
            return new LocalFile(path, Files.size(path));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    InputStream open() {
        try {
            return Files.newInputStream(path);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    String sha256() {
        try {
            return Sha256.of(path);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static ArtifactException unreadable(Path path, IOException e) {
        return new ArtifactException(
                Kind.FAULT, "cannot read file %s, which was to be stored: %s".formatted(path, e.getMessage()), e);
    }
}
