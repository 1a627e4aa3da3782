/// What survives a stage: bytes and files come in under a key, the same bytes come out, whichever process asks.
///
/// [io.zoetrope.artifact.ArtifactKey] says where, [io.zoetrope.artifact.ArtifactStore] keeps, in a folder
/// ([io.zoetrope.artifact.FolderStore]) or in a bucket ([io.zoetrope.artifact.S3Store]);
/// [io.zoetrope.artifact.ArtifactUrls] gives the address for readers. Everything appears whole or not at all,
/// and [io.zoetrope.artifact.ArtifactStore#writeIfAbsent] lets exactly one of many writers win: the end of a
/// job is decided by it. Failures are [io.zoetrope.artifact.ArtifactException]s that say whether trying again
/// makes sense.
package io.zoetrope.artifact;
