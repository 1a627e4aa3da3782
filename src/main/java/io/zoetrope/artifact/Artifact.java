package io.zoetrope.artifact;

import java.util.Objects;

/// Something that is stored.
///
/// @param bytes     its size
/// @param sha256    of its content, 64 hexadecimal digits
/// @param mediaType such as `video/mp4`
public record Artifact(ArtifactKey key, long bytes, String sha256, String mediaType) {
    public Artifact {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(sha256, "sha256");
        Objects.requireNonNull(mediaType, "mediaType");
    }

    static Artifact of(ArtifactKey key, long bytes, String sha256) {
        return new Artifact(key, bytes, sha256, key.mediaType());
    }
}
