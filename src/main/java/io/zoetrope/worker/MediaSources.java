package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactContent;
import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.UUID;

/// What a request's `source` names, as a file of this machine: the key of an artifact, or an address below one of
/// the
/// prefixes that the operator allows (`file:`, `https:`, `http:`).
///
/// Waits for stores and servers: to be called on a thread that may.
final class MediaSources implements SourceFiles, AutoCloseable {

    private final ArtifactStore store;
    private final AllowedSources allowed;
    private final MediaDownload.Rules rules;
    private final MediaDownload download;

    MediaSources(
            ArtifactStore store, AllowedSources allowed, MediaDownload.Rules rules, MediaDownload.NameService names) {
        this.store = store;
        this.allowed = allowed;
        this.rules = rules;
        this.download = new MediaDownload(allowed, rules, names);
    }

    /// Gets what `source` names. A file of this machine is used where it lies; anything else is copied into
    /// `folder`.
    ///
    /// @param field  of the request, such as `conditions[2].source`, for messages
    /// @param folder an existing one of the caller's, who deletes what is in it
    /// @throws MediaSourceException if it is not allowed, not there, too large or cannot be had now
    @Override
    public Path fetch(String field, String source, Path folder) {
        if (ArtifactKey.isValid(source)) {
            return artifact(field, new ArtifactKey(source), folder);
        }
        URI address = allowed.require(field, source);
        if (address.getScheme().toLowerCase(Locale.ROOT).equals("file")) {
            return file(field, address);
        }
        Path target = newFile(folder);
        download.fetch(field, address, target);
        return target;
    }

    @Override
    public void close() {
        download.close();
    }

    private Path artifact(String field, ArtifactKey key, Path folder) {
        Path target = newFile(folder);
        try (ArtifactContent content =
                store.open(key, 0, rules.mostBytes()).await().indefinitely()) {
            requireSize(field, key.toString(), content.total());
            Files.copy(content.stream(), target, StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (ArtifactException e) {
            if (e.kind() == ArtifactException.Kind.NOT_FOUND) {
                throw MediaSourceException.refused(field, "there is no artifact %s".formatted(key), e);
            }
            throw e;
        } catch (IOException e) {
            throw MediaSourceException.unavailable(
                    field, "artifact %s cannot be read: %s".formatted(key, e.getMessage()), e);
        }
    }

    /// Links are followed first, so that none leads out of what is allowed.
    private Path file(String field, URI address) {
        String name = AllowedSources.plain(address);
        try {
            Path real = Path.of(address.getPath()).toRealPath();
            if (!allowed.holds(real)) {
                throw MediaSourceException.refused(
                        field, "%s leads out of what is allowed, which is %s".formatted(name, allowed));
            }
            if (!Files.isRegularFile(real)) {
                throw MediaSourceException.refused(field, "%s is not a file".formatted(name));
            }
            requireSize(field, name, Files.size(real));
            return real;
        } catch (NoSuchFileException e) {
            throw MediaSourceException.refused(field, "there is no %s".formatted(name), e);
        } catch (IOException | InvalidPathException e) {
            throw MediaSourceException.refused(
                    field, "%s cannot be read: %s".formatted(name, e.getClass().getSimpleName()), e);
        }
    }

    private void requireSize(String field, String name, long bytes) {
        if (bytes > rules.mostBytes()) {
            throw MediaSourceException.refused(
                    field, "%s has %d bytes, at most %d are allowed".formatted(name, bytes, rules.mostBytes()));
        }
    }

    private static Path newFile(Path folder) {
        return folder.resolve("source-" + UUID.randomUUID());
    }
}
