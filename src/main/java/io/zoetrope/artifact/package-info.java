/// What survives a stage: contexts, latents, clips. Bytes come in under an [io.zoetrope.artifact.ArtifactKey], and
/// the
/// same bytes, or the address of them, go out, on whichever worker asks.
package io.zoetrope.artifact;
