package io.zoetrope.artifact;

import java.io.IOException;
import java.io.InputStream;

/// A part of an artifact, ready to be read by one thread that may wait.
///
/// @param stream the part's bytes
/// @param offset where in the whole it begins
/// @param length how many bytes it has
/// @param total  how many the whole has
public record ArtifactContent(InputStream stream, long offset, long length, long total) implements AutoCloseable {

    @Override
    public void close() throws IOException {
        stream.close();
    }

    static void requireRange(ArtifactKey key, long offset, long length) {
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException(
                    "offset %d and length %d of %s, expected 0 or more".formatted(offset, length, key));
        }
    }
}
