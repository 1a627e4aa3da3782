package io.zoetrope.worker;

import io.zoetrope.artifact.Artifact;
import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.audit.ArtifactReference;

/// Artifacts as facts mention them.
final class References {

    static final String TENSORS = "application/vnd.safetensors";

    private References() {}

    static ArtifactReference of(Artifact artifact) {
        return new ArtifactReference(
                artifact.key().path(), artifact.mediaType(), artifact.bytes(), artifact.sha256());
    }

    /// The content that an earlier stage stored.
    static byte[] require(ArtifactStore artifacts, ArtifactKey key) {
        return artifacts.get(key)
                .orElseThrow(() -> new ArtifactException(
                        ArtifactException.Kind.FAULT, "%s is not in %s".formatted(key, artifacts.address()), null));
    }
}
