package io.zoetrope.audit;

/// Where something lies that a job made. Events hold keys, never addresses: an address is signed when asked for.
///
/// @param key       key in the artifact store, such as `jobs/<job id>/clip-<plan digest>.mp4`
/// @param mediaType such as `video/mp4`
/// @param bytes     its size
/// @param sha256    of its content, in hexadecimal
public record ArtifactReference(String key, String mediaType, long bytes, String sha256) {
    public ArtifactReference {
        Required.text("artifact key", key);
        Required.text("media type", mediaType);
        Required.digest("sha256", sha256);
        Required.atLeast(0, "bytes", bytes);
    }
}
