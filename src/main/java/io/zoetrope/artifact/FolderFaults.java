package io.zoetrope.artifact;

import io.zoetrope.artifact.ArtifactException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/// Says what a failure of the file system means.
final class FolderFaults {

    private FolderFaults() {}

    /// @param what  what was tried, continuing "cannot …"
    /// @param bytes how much was to be written, 0 for reading
    static ArtifactException of(String what, Path root, long bytes, IOException fault) {
        Kind kind = kind(root, bytes, fault);
        String explanation = switch (kind) {
            case NOT_FOUND -> "nothing is there";
            case FULL -> "no space is left";
            case DENIED -> "permission denied";
            case UNREACHABLE -> "the folder is not there";
            case MISCONFIGURED -> "a file is where a folder should be, or the other way round";
            case DAMAGED, FAULT -> fault.getClass().getSimpleName();
        };
        return new ArtifactException(
                kind, "cannot %s in folder %s: %s (%s)".formatted(what, root, explanation, fault.getMessage()), fault);
    }

    private static Kind kind(Path root, long bytes, IOException fault) {
        String reason = fault instanceof FileSystemException system ? system.getReason() : fault.getMessage();
        String text = reason == null ? "" : reason;
        if (fault instanceof AccessDeniedException
                || text.contains("Operation not permitted")
                || text.contains("Read-only file system")) {
            return Kind.DENIED;
        }
        if (text.contains("No space left") || text.contains("quota exceeded") || bytes > 0 && bytes > room(root)) {
            return Kind.FULL;
        }
        if (fault instanceof FileAlreadyExistsException
                || fault instanceof NotDirectoryException
                || text.contains("Not a directory")
                || text.contains("Is a directory")) {
            return Kind.MISCONFIGURED;
        }
        if (fault instanceof NoSuchFileException) {
            return Files.isDirectory(root) ? Kind.NOT_FOUND : Kind.UNREACHABLE;
        }
        return Kind.FAULT;
    }

    /// Bytes that are free: the words for a full disk depend on system and language, this does not.
    private static long room(Path root) {
        try {
            return Files.getFileStore(root).getUsableSpace();
        } catch (IOException _) {
            return Long.MAX_VALUE; // then fullness is not what is wrong with it
        }
    }
}
