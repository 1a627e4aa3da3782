package io.zoetrope.artifact;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Keeps artifacts. Calls block; they throw an [ArtifactException] if the store fails.
///
/// What is put becomes visible whole or not at all.
public interface ArtifactStore extends AutoCloseable {

    /// Stores `content`, over what may be there.
    Artifact put(ArtifactKey key, byte[] content, String mediaType);

    /// Stores the content of `file`, over what may be there.
    Artifact put(ArtifactKey key, Path file, String mediaType);

    /// Stores `content` if there is nothing under `key` yet.
    ///
    /// @return whether it was stored; of several writers exactly one gets true
    boolean putIfAbsent(ArtifactKey key, byte[] content, String mediaType);

    /// The content, or empty if there is none.
    Optional<byte[]> get(ArtifactKey key);

    /// Whether there is something under `key`.
    boolean exists(ArtifactKey key);

    /// Where a reader gets it, possibly for a limited time.
    URI url(ArtifactKey key);

    /// Fails if the store cannot be used.
    void check();

    /// Where the store is, to name it in messages.
    String address();

    @Override
    void close();
}
