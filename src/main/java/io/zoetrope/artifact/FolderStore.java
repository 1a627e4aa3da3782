package io.zoetrope.artifact;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;

/// A folder, on a disk that all workers share or of a single one. A file appears under its name complete and
/// synced.
public final class FolderStore implements ArtifactStore {

    private static final String UNFINISHED = ".unfinished-";

    private final Path folder;
    private final URI publicUrl;

    /// @param folder    created if it does not exist
    /// @param publicUrl under which `jobs/…` is served, ending with a slash
    public FolderStore(Path folder, URI publicUrl) {
        this.folder = folder.toAbsolutePath().normalize();
        this.publicUrl = publicUrl;
    }

    @Override
    public Artifact put(ArtifactKey key, byte[] content, String mediaType) {
        write(key, content, true);
        return new Artifact(key, mediaType, content.length, Digests.of(content));
    }

    @Override
    public Artifact put(ArtifactKey key, Path file, String mediaType) {
        Path target = path(key);
        try {
            Path unfinished = unfinished(target);
            try {
                Files.copy(file, unfinished, StandardCopyOption.REPLACE_EXISTING);
                sync(unfinished);
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            return new Artifact(key, mediaType, Files.size(target), Digests.of(target));
        } catch (IOException e) {
            throw failure("write", key, e);
        }
    }

    @Override
    public boolean putIfAbsent(ArtifactKey key, byte[] content, String mediaType) {
        return write(key, content, false);
    }

    @Override
    public Optional<byte[]> get(ArtifactKey key) {
        try {
            return Optional.of(Files.readAllBytes(path(key)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", key, e);
        }
    }

    @Override
    public boolean exists(ArtifactKey key) {
        return Files.exists(path(key));
    }

    @Override
    public URI url(ArtifactKey key) {
        return publicUrl.resolve(key.path());
    }

    @Override
    public void check() {
        try {
            Files.createDirectories(folder);
            if (!Files.isWritable(folder)) {
                throw new AccessDeniedException(folder.toString());
            }
        } catch (IOException e) {
            throw new ArtifactException(
                    kind(e), "artifact folder %s cannot be used: %s".formatted(folder, reason(e)), e);
        }
    }

    @Override
    public String address() {
        return folder.toString();
    }

    @Override
    public void close() {
        // a folder holds nothing open
    }

    /// A link to a finished file is made exclusively or not at all, which a move cannot promise.
    private boolean write(ArtifactKey key, byte[] content, boolean replace) {
        Path target = path(key);
        try {
            Path unfinished = unfinished(target);
            try {
                Files.write(unfinished, content);
                sync(unfinished);
                if (replace) {
                    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } else {
                    Files.createLink(target, unfinished);
                }
                return true;
            } finally {
                Files.deleteIfExists(unfinished);
            }
        } catch (FileAlreadyExistsException e) {
            if (replace) {
                throw failure("write", key, e);
            }
            return false;
        } catch (IOException e) {
            throw failure("write", key, e);
        }
    }

    private Path path(ArtifactKey key) {
        return folder.resolve(key.path());
    }

    private static Path unfinished(Path target) throws IOException {
        Files.createDirectories(target.getParent());
        return Files.createTempFile(target.getParent(), UNFINISHED, "");
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(0));
            channel.force(true);
        }
    }

    private ArtifactException failure(String verb, ArtifactKey key, IOException cause) {
        return new ArtifactException(
                kind(cause), "cannot %s %s in %s: %s".formatted(verb, key, folder, reason(cause)), cause);
    }

    private static ArtifactException.Kind kind(IOException cause) {
        String reason = reason(cause).toLowerCase(Locale.ROOT);
        if (reason.contains("no space") || reason.contains("quota")) {
            return ArtifactException.Kind.FULL;
        }
        return cause instanceof AccessDeniedException || reason.contains("read-only")
                ? ArtifactException.Kind.DENIED
                : ArtifactException.Kind.FAULT;
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case AccessDeniedException _ -> "access denied";
            case FileSystemException exception when exception.getReason() != null -> exception.getReason();
            default -> cause.getClass().getSimpleName() + " " + cause.getMessage();
        };
    }
}
