package io.zoetrope.artifact;

/// Something stored.
///
/// @param sha256 of its content, in hexadecimal
public record Artifact(ArtifactKey key, String mediaType, long bytes, String sha256) {}
