package io.zoetrope.artifact;

import io.zoetrope.request.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/// A file that is written under a hidden name in its destination's folder and then published whole. What is not
/// published is removed on closing; a process that dies leaves a hidden file behind, which nothing ever reads.
final class Draft implements AutoCloseable {

    static final String PREFIX = ".";
    static final String SUFFIX = ".tmp";

    private static final int PART = 1 << 17;

    private final Path file;
    private final Path destination;
    private final long bytes;
    private final String sha256;
    private final boolean lasting;

    private Draft(Path file, Path destination, long bytes, String sha256, boolean lasting) {
        this.file = file;
        this.destination = destination;
        this.bytes = bytes;
        this.sha256 = sha256;
        this.lasting = lasting;
    }

    static Draft write(Path destination, InputStream source) throws IOException {
        MessageDigest digest = Sha256.digest();
        return write(
                destination,
                true,
                channel -> copy(new DigestInputStream(source, digest), channel),
                () -> Sha256.hex(digest.digest()));
    }

    /// A draft of which nothing is forced to disk, neither content nor name.
    static Draft passing(Path destination, byte[] content) throws IOException {
        return write(destination, false, channel -> copy(ByteBuffer.wrap(content), channel), () -> Sha256.of(content));
    }

    /// A draft without a digest, which takes as long as the writing.
    static Draft writeUndigested(Path destination, InputStream source) throws IOException {
        return write(destination, true, channel -> copy(source, channel), () -> null);
    }

    /// The same of buffers, one after the other, which are left as they are.
    static Draft writeUndigested(Path destination, List<ByteBuffer> content) throws IOException {
        return write(
                destination,
                true,
                channel -> {
                    long bytes = 0;
                    for (ByteBuffer part : content) {
                        bytes += copy(part.duplicate(), channel);
                    }
                    return bytes;
                },
                () -> null);
    }

    /// Writes the content.
    private interface Source {
        /// @return how many bytes there were
        long copyTo(FileChannel channel) throws IOException;
    }

    private static Draft write(Path destination, boolean lasting, Source source, Supplier<String> digest)
            throws IOException {
        if (!Files.isDirectory(destination.getParent())) { // as it nearly always is: making it would fail first
            Files.createDirectories(destination.getParent());
        }
        Path file = destination.resolveSibling(PREFIX + UUID.randomUUID() + SUFFIX);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            long bytes = source.copyTo(channel);
            if (lasting) {
                channel.force(true);
            }
            return new Draft(file, destination, bytes, digest.get(), lasting);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /// In parts that stay in a processor's cache while they pass the digest and the system.
    private static long copy(InputStream source, FileChannel channel) throws IOException {
        byte[] part = new byte[PART];
        long bytes = 0;
        for (int count = source.read(part); count >= 0; count = source.read(part)) {
            bytes += copy(ByteBuffer.wrap(part, 0, count), channel);
        }
        return bytes;
    }

    private static long copy(ByteBuffer left, FileChannel channel) throws IOException {
        long bytes = left.remaining();
        while (left.hasRemaining()) {
            channel.write(left);
        }
        return bytes;
    }

    long bytes() {
        return bytes;
    }

    /// Null for a draft without one.
    String sha256() {
        return sha256;
    }

    /// Puts it in the place of whatever was there.
    void publish() throws IOException {
        Files.move(file, destination, StandardCopyOption.ATOMIC_MOVE);
        if (lasting) {
            syncFolder();
        }
    }

    /// Puts it there if nothing is there.
    ///
    /// @return whether this draft, and no other, came to be there
    boolean publishFirst() throws IOException {
        try {
            Files.createLink(destination, file);
        } catch (FileAlreadyExistsException _) {
            return isPublished();
        }
        syncFolder();
        return true;
    }

    /// Over a network the answer to a successful link may be lost and the repeated one be told that the name is
    /// taken.
    private boolean isPublished() throws IOException {
        try {
            return Files.isSameFile(destination, file);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /// Without this a crash of the machine may undo the rename although the content is on disk.
    private void syncFolder() throws IOException {
        Path folder = destination.getParent();
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return; // only there can a folder be opened like a file
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
