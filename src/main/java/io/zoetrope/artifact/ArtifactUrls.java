package io.zoetrope.artifact;

import java.net.URI;

/// The address of an artifact, as whoever reads it can reach it.
@FunctionalInterface
public interface ArtifactUrls {

    URI of(ArtifactKey key);

    /// Addresses below one that this program, or another server, answers for the folder of a [FolderStore].
    ///
    /// @param base where the folder's content begins, such as `http://worker:8080/artifacts/`
    static ArtifactUrls below(URI base) {
        if (!base.isAbsolute() || base.getHost() == null || base.getQuery() != null || base.getFragment() != null) {
            throw new IllegalArgumentException(
                    "base address '%s', expected scheme, host and path, such as http://worker:8080/artifacts/"
                            .formatted(base));
        }
        String text = base.toString();
        String folder = text.endsWith("/") ? text : text + "/";
        return key -> URI.create(folder + key); // keys need no escaping
    }
}
