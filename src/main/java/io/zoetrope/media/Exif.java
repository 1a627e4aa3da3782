package io.zoetrope.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What a camera noted in a picture, as far as it matters here: how it was held. The notes are a list of entries in
/// the manner of TIFF, which JPEG, PNG and WebP each wrap in their own way. Notes that make no sense are ignored:
/// they are not the picture.
final class Exif {

    private static final String JPEG_SIGNATURE = "Exif\0\0";
    private static final int JPEG_START = 2;
    private static final int JPEG_MARKER = 0xff;
    private static final int JPEG_NOTES = 0xe1;
    private static final int JPEG_SCAN = 0xda;

    private static final int PNG_START = 8;
    private static final int PNG_CHECKSUM = 4;
    private static final int WEBP_START = 12;
    private static final int CHUNK_HEADER = 8;

    /// Longer notes than JPEG allows are nobody's.
    private static final int LONGEST = 1 << 16;

    private static final int TIFF_HEADER = 8;
    private static final int ENTRY = 12;
    private static final int ORIENTATION = 0x112;

    private Exif() {}

    /// How the picture in `file` was held.
    static Orientation orientation(Path file, MediaKind kind) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer notes = switch (kind) {
                case JPEG -> jpegNotes(channel);
                case PNG -> chunk(channel, PNG_START, "eXIf", ByteOrder.BIG_ENDIAN);
                case WEBP -> chunk(channel, WEBP_START, "EXIF", ByteOrder.LITTLE_ENDIAN);
                case MP4, WAV -> ByteBuffer.allocate(0);
            };
            return Orientation.ofExif(orientation(notes));
        }
    }

    private static ByteBuffer jpegNotes(FileChannel channel) throws IOException {
        long position = JPEG_START;
        while (true) {
            ByteBuffer header = MediaKind.read(channel, position, 4 + JPEG_SIGNATURE.length());
            int marker = header.remaining() < 4 ? JPEG_SCAN : header.get(1) & 255;
            if (marker == JPEG_SCAN || (header.get(0) & 255) != JPEG_MARKER) {
                return ByteBuffer.allocate(0);
            }
            int length = header.getShort(2) & 0xffff;
            if (marker == JPEG_NOTES && MediaKind.startsWith(header, 4, JPEG_SIGNATURE)) {
                int notes = Math.max(0, length - 2 - JPEG_SIGNATURE.length());
                return MediaKind.read(channel, position + 4 + JPEG_SIGNATURE.length(), notes);
            }
            position += 2 + length;
        }
    }

    /// The content of the first part called `name` in a file of such parts; empty if there is none.
    private static ByteBuffer chunk(FileChannel channel, long start, String name, ByteOrder order) throws IOException {
        boolean png = order == ByteOrder.BIG_ENDIAN;
        long position = start;
        while (true) {
            ByteBuffer header = MediaKind.read(channel, position, CHUNK_HEADER).order(order);
            if (header.remaining() < CHUNK_HEADER) {
                return ByteBuffer.allocate(0);
            }
            // PNG tells length and name, WebP name and length.
            long length = Integer.toUnsignedLong(header.getInt(png ? 0 : 4));
            if (MediaKind.startsWith(header, png ? 4 : 0, name)) {
                ByteBuffer notes = MediaKind.read(channel, position + CHUNK_HEADER, (int) Math.min(length, LONGEST));
                // Some writers keep JPEG's signature.
                return MediaKind.startsWith(notes, 0, JPEG_SIGNATURE)
                        ? notes.slice(JPEG_SIGNATURE.length(), notes.remaining() - JPEG_SIGNATURE.length())
                        : notes;
            }
            position += CHUNK_HEADER + length + (png ? PNG_CHECKSUM : length % 2);
        }
    }

    /// The number of the orientation in the first list of `notes`, 0 if it does not say.
    private static int orientation(ByteBuffer notes) {
        if (notes.remaining() < TIFF_HEADER) {
            return 0;
        }
        String order = StandardCharsets.ISO_8859_1.decode(notes.slice(0, 2)).toString();
        notes.order(order.equals("II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long list = Integer.toUnsignedLong(notes.getInt(4));
        if (list + 2 > notes.remaining()) {
            return 0;
        }
        int entries = notes.getShort((int) list) & 0xffff;
        for (long entry = list + 2; entries > 0 && entry + ENTRY <= notes.remaining(); entry += ENTRY, entries--) {
            if ((notes.getShort((int) entry) & 0xffff) == ORIENTATION) {
                return notes.getShort((int) entry + CHUNK_HEADER) & 0xffff;
            }
        }
        return 0;
    }
}
