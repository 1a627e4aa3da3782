package io.zoetrope.artifact;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactException.Kind;
import io.zoetrope.request.Sha256;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// Keeps artifacts. All of it is safe for many threads and many processes at once; a reader sees an artifact
/// whole or not at all.
///
/// Nothing happens before a `Uni` is subscribed to, and nothing runs on the subscriber's thread. Every failure is an
/// [ArtifactException].
public sealed interface ArtifactStore extends AutoCloseable permits FolderStore, S3Store {

    /// Writes, and replaces what was there.
    Uni<Artifact> write(ArtifactKey key, byte[] content);

    /// Writes, and replaces what was there. For content that can tell itself whether it is whole: taking a digest
    /// costs as much as the rest.
    ///
    /// @param content in order; its buffers are read until the answer is there, and left as they are
    Uni<Void> writeUndigested(ArtifactKey key, List<ByteBuffer> content);

    /// Writes what can be made again, and replaces what was there. When this is done it outlives the process; if the
    /// machine dies it may be gone, or there and damaged.
    Uni<Artifact> writePassing(ArtifactKey key, byte[] content);

    /// Writes the content of a file, without holding it in memory, and replaces what was there.
    Uni<Artifact> write(ArtifactKey key, Path file);

    /// Writes unless something is there. Of any number of writers exactly one is told `true`, and what it wrote
    /// stays, whole, until it is deleted.
    Uni<Boolean> writeIfAbsent(ArtifactKey key, byte[] content);

    /// The same for the content of a file, without holding it in memory.
    Uni<Boolean> writeIfAbsent(ArtifactKey key, Path file);

    /// The whole content; fails with [Kind#NOT_FOUND] if there is none.
    Uni<byte[]> read(ArtifactKey key);

    /// A part of the content, as a stream; fails with [Kind#NOT_FOUND] if there is none.
    ///
    /// @param offset first byte
    /// @param length at most so many bytes; less if the content ends before
    Uni<ArtifactContent> open(ArtifactKey key, long offset, long length);

    /// The size in bytes; empty if there is nothing under that key.
    Uni<OptionalLong> size(ArtifactKey key);

    /// @return whether something was there, as far as the store can tell
    Uni<Boolean> delete(ArtifactKey key);

    /// The keys that begin with `prefix`, in ascending order.
    Multi<ArtifactKey> list(String prefix);

    /// Succeeds if the store can be used; what readiness asks.
    Uni<Void> check();

    @Override
    void close();

    /// The whole of an artifact that was written before, provided that it is what was written; fails with
    /// [Kind#DAMAGED] otherwise.
    default Uni<byte[]> read(Artifact written) {
        return read(written.key()).invoke(content -> {
            String found = Sha256.of(content);
            if (content.length != written.bytes() || !found.equals(written.sha256())) {
                throw new ArtifactException(
                        Kind.DAMAGED,
                        "%s has %d bytes with SHA-256 %s, expected %d bytes with %s"
                                .formatted(written.key(), content.length, found, written.bytes(), written.sha256()),
                        null);
            }
        });
    }

    /// Writes the content of a file unless something is there.
    ///
    /// @return what is there now: the file, or what was there before
    default Uni<Artifact> keepFirst(ArtifactKey key, Path file) {
        return writeIfAbsent(key, file).chain(ours -> {
            if (ours) {
                LocalFile local = LocalFile.of(file);
                return Uni.createFrom().item(Artifact.of(key, local.bytes(), local.sha256()));
            }
            return read(key).map(content -> Artifact.of(key, content.length, Sha256.of(content)));
        });
    }

    /// The same for content in memory.
    default Uni<Artifact> keepFirst(ArtifactKey key, byte[] content) {
        return writeIfAbsent(key, content)
                .chain(ours -> ours ? Uni.createFrom().item(content) : read(key))
                .map(kept -> Artifact.of(key, kept.length, Sha256.of(kept)));
    }

    default Uni<Boolean> exists(ArtifactKey key) {
        return size(key).map(OptionalLong::isPresent);
    }
}
