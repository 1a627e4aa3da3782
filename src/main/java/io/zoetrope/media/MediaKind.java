package io.zoetrope.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The kinds of file that [MediaReader] reads, told apart by their first bytes and never by their name. FFmpeg knows
/// many more, among them lists that make it open other files and addresses; those must not be reached.
enum MediaKind {
    MP4("mov"),
    PNG("png_pipe"),
    JPEG("jpeg_pipe"),
    WEBP("webp_pipe"),
    WAV("wav");

    private static final int HEAD = 12;
    private static final int BOX_HEADER = 8;
    private static final int LONG_BOX_HEADER = 16;

    private static final String PNG_SIGNATURE = "\u0089PNG\r\n\u001a\n";

    /// A part of a PNG without data: length, name, checksum.
    private static final int PNG_CHUNK = 12;

    private static final int JPEG_PASS = 0xda;

    /// Progressive writers make about ten.
    private static final int MOST_PASSES = 100;

    private static final int PIECE = 1 << 16;

    /// As the size in a box header: the box ends with the file, or the size follows in 64 bits.
    private static final long TO_THE_END = 0;

    private static final long LONG_SIZE = 1;

    private final String demuxer;

    MediaKind(String demuxer) {
        this.demuxer = demuxer;
    }

    /// FFmpeg's name for the reader of this kind.
    String demuxer() {
        return demuxer;
    }

    boolean isStill() {
        return this == PNG || this == JPEG || this == WEBP;
    }

    /// @throws IOException if `file` is missing, empty, too large, of another kind, or shorter than it says
    static MediaKind of(Path file, MediaLimits limits) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("cannot read %s: not a file".formatted(file));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new IOException("cannot read %s: the file is empty".formatted(file));
            }
            if (channel.size() > limits.bytes()) {
                throw new IOException("cannot read %s: %d bytes, at most %d are allowed"
                        .formatted(file, channel.size(), limits.bytes()));
            }
            MediaKind kind = recognise(read(channel, 0, HEAD), file);
            boolean complete = switch (kind) {
                case MP4 -> hasCompleteBoxes(channel);
                case PNG -> hasCompleteChunks(channel);
                case WEBP -> hasCompleteRiff(channel);
                case JPEG -> {
                    requireFewPasses(channel, file);
                    yield true;
                }
                case WAV -> true;
            };
            if (!complete) {
                throw new IOException(
                        "cannot read %s: damaged or cut off after %d bytes".formatted(file, channel.size()));
            }
            return kind;
        }
    }

    private static MediaKind recognise(ByteBuffer head, Path file) throws IOException {
        if (startsWith(head, 0, PNG_SIGNATURE)) {
            return PNG;
        }
        if (startsWith(head, 0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (startsWith(head, 0, "RIFF") && startsWith(head, 8, "WAVE")) {
            return WAV;
        }
        if (startsWith(head, 0, "RIFF") && startsWith(head, 8, "WEBP")) {
            return WEBP;
        }
        if (startsWith(head, 4, "ftyp")) {
            return MP4;
        }
        throw new IOException("cannot read %s: neither MP4, PNG, JPEG, WebP nor WAV".formatted(file));
    }

    /// The parts of an MP4 say how long they are; the last one does not fit when a copy was interrupted.
    private static boolean hasCompleteBoxes(FileChannel channel) throws IOException {
        long position = 0;
        while (position < channel.size()) {
            ByteBuffer header = read(channel, position, LONG_BOX_HEADER);
            long size = header.remaining() < BOX_HEADER ? Long.MAX_VALUE : Integer.toUnsignedLong(header.getInt(0));
            if (size == TO_THE_END) {
                return true;
            }
            if (size == LONG_SIZE && header.remaining() == LONG_BOX_HEADER) {
                size = header.getLong(BOX_HEADER);
            }
            if (size < BOX_HEADER || size > channel.size() - position) {
                return false;
            }
            position += size;
        }
        return true;
    }

    /// A PNG ends with a part called `IEND`.
    private static boolean hasCompleteChunks(FileChannel channel) throws IOException {
        long position = PNG_SIGNATURE.length();
        while (position + PNG_CHUNK <= channel.size()) {
            ByteBuffer header = read(channel, position, BOX_HEADER);
            if (startsWith(header, 4, "IEND")) {
                return true;
            }
            position += PNG_CHUNK + Integer.toUnsignedLong(header.getInt(0));
        }
        return false;
    }

    /// A JPEG may come in passes, a few bytes each, every one of which is work for the whole picture.
    private static void requireFewPasses(FileChannel channel, Path file) throws IOException {
        int passes = 0;
        int before = 0;
        for (long position = 0; position < channel.size(); position += PIECE) {
            for (ByteBuffer bytes = read(channel, position, PIECE); bytes.hasRemaining(); ) {
                int next = bytes.get() & 255;
                passes += before == 0xff && next == JPEG_PASS ? 1 : 0;
                before = next;
            }
        }
        if (passes > MOST_PASSES) {
            throw new IOException(
                    "cannot read %s: a JPEG in %d passes, at most %d are allowed".formatted(file, passes, MOST_PASSES));
        }
    }

    private static boolean hasCompleteRiff(FileChannel channel) throws IOException {
        ByteBuffer header = read(channel, 0, HEAD).order(ByteOrder.LITTLE_ENDIAN);
        return Integer.toUnsignedLong(header.getInt(4)) + BOX_HEADER <= channel.size();
    }

    /// Up to `bytes` bytes from `position` on; fewer where the file ends.
    static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.BIG_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {}
        return buffer.flip();
    }

    static boolean startsWith(ByteBuffer head, int offset, String text) {
        byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
        return head.remaining() >= offset + expected.length
                && head.slice(offset, expected.length).equals(ByteBuffer.wrap(expected));
    }
}
