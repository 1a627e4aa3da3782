package io.zoetrope.worker;

import io.zoetrope.artifact.Artifact;
import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.audit.ArtifactReference;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// The artifact store for code that may wait: stages on their own threads, and the worker pool.
@ApplicationScoped
class JobArtifacts {

    private final ArtifactStore store;
    private final ArtifactUrls urls;

    JobArtifacts(ArtifactStore store, ArtifactUrls urls) {
        this.store = store;
        this.urls = urls;
    }

    ArtifactReference write(ArtifactKey key, byte[] content) {
        return reference(store.write(key, content).await().indefinitely());
    }

    ArtifactReference write(ArtifactKey key, Path file) {
        return reference(store.write(key, file).await().indefinitely());
    }

    /// Whether it was written: of several writers exactly one is told so.
    boolean writeIfAbsent(ArtifactKey key, byte[] content) {
        return store.writeIfAbsent(key, content).await().indefinitely();
    }

    Optional<byte[]> find(ArtifactKey key) {
        try {
            return Optional.of(read(key));
        } catch (ArtifactException e) {
            if (e.kind() == ArtifactException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// What an earlier stage stored.
    byte[] read(ArtifactKey key) {
        return store.read(key).await().indefinitely();
    }

    /// Where a reader gets it.
    URI url(String key) {
        return urls.of(new ArtifactKey(key));
    }

    private static ArtifactReference reference(Artifact artifact) {
        return new ArtifactReference(artifact.key().value(), artifact.mediaType(), artifact.bytes(), artifact.sha256());
    }
}
