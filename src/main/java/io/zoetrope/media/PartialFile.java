package io.zoetrope.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/// A file in the making: written under a hidden name in the folder of the final one, moved into place when
/// complete,
/// deleted when closed before that.
final class PartialFile implements AutoCloseable {

    private final Path target;
    private final Path path;

    /// @throws NoSuchFileException if the folder of `target` is missing
    /// @throws IOException         if nothing can be written there
    PartialFile(Path target) throws IOException {
        this.target = target.toAbsolutePath();
        Path folder = this.target.getParent();
        if (folder == null || this.target.getFileName() == null || Files.isDirectory(this.target)) {
            throw new IOException("cannot write %s: it is a folder".formatted(target));
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString(), null, "the folder %s does not exist".formatted(folder));
        }
        path = folder.resolve(".zoetrope-%s.part".formatted(UUID.randomUUID()));
        try {
            Files.createFile(path);
        } catch (IOException e) {
            throw new IOException("cannot write %s: %s".formatted(target, e.getMessage()), e);
        }
    }

    /// Where to write.
    Path path() {
        return path;
    }

    /// Gives the file its name, replacing what had it.
    void moveIntoPlace() throws IOException {
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Deletes what has not been moved into place.
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
