package io.zoetrope.worker.reaper;

import io.zoetrope.artifact.ArtifactKey;
import java.util.List;
import java.util.Optional;

/// What the reaper needs of the artifact store. Each call waits for the store.
public interface JobStore {

    Optional<byte[]> find(ArtifactKey key);

    /// Whether it was written: of several writers exactly one is told so.
    boolean writeIfAbsent(ArtifactKey key, byte[] content);

    List<ArtifactKey> list(String prefix);
}
