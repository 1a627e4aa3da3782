package io.zoetrope.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;

/// Pictures with what cameras and painting programs add to them, put together byte by byte.
final class AnnotatedPictures {

    private static final int PNG_SIGNATURE = 8;
    private static final int PNG_HEADER = 33;

    /// Length, name and checksum.
    private static final int PNG_CHUNK = 12;

    private AnnotatedPictures() {}

    /// @param format `png` or `jpg`
    static byte[] encode(BufferedImage image, String format) throws IOException {
        var bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, bytes)) {
            throw new IOException("no writer for " + format);
        }
        return bytes.toByteArray();
    }

    /// How the camera was held, 1 to 8, among other notes.
    static byte[] exif(int orientation) {
        return ByteBuffer.allocate(38)
                .put("MM\0*".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(8)
                .putShort((short) 2)
                .put(entry(0x100, 4, 1234))
                .put(entry(0x112, 3, orientation << 16))
                .putInt(0)
                .array();
    }

    static byte[] jpegWithExif(byte[] jpeg, byte[] notes) {
        return jpegWith(jpeg, 0xe1, "Exif\0\0", notes);
    }

    static byte[] jpegWithProfile(byte[] jpeg, byte[] profile) {
        return jpegWith(jpeg, 0xe2, "ICC_PROFILE\0\1\1", profile);
    }

    static byte[] pngWithExif(byte[] png, byte[] notes) {
        return pngWith(png, "eXIf", notes);
    }

    static byte[] pngWithProfile(byte[] png, byte[] profile) {
        byte[] packed = new byte[profile.length + 100];
        var deflater = new Deflater();
        deflater.setInput(profile);
        deflater.finish();
        int length = deflater.deflate(packed);
        deflater.end();
        byte[] name = "test\0\0".getBytes(StandardCharsets.ISO_8859_1);
        return pngWith(
                png,
                "iCCP",
                ByteBuffer.allocate(name.length + length)
                        .put(name)
                        .put(packed, 0, length)
                        .array());
    }

    /// Lets damage pass that the checksums of a PNG would tell.
    static void repairChecksums(byte[] png) {
        ByteBuffer bytes = ByteBuffer.wrap(png);
        long position = PNG_SIGNATURE;
        while (position + PNG_CHUNK <= png.length) {
            long length = Integer.toUnsignedLong(bytes.getInt((int) position));
            if (position + PNG_CHUNK + length > png.length) {
                return;
            }
            var checksum = new CRC32();
            checksum.update(png, (int) position + 4, (int) length + 4);
            bytes.putInt((int) (position + 8 + length), (int) checksum.getValue());
            position += PNG_CHUNK + length;
        }
    }

    private static byte[] jpegWith(byte[] jpeg, int marker, String signature, byte[] content) {
        int length = 2 + signature.length() + content.length;
        return ByteBuffer.allocate(jpeg.length + 2 + length)
                .put(jpeg, 0, 2)
                .put((byte) 0xff)
                .put((byte) marker)
                .putShort((short) length)
                .put(signature.getBytes(StandardCharsets.ISO_8859_1))
                .put(content)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    private static byte[] pngWith(byte[] png, String name, byte[] content) {
        var checksum = new CRC32();
        checksum.update(name.getBytes(StandardCharsets.ISO_8859_1));
        checksum.update(content);
        return ByteBuffer.allocate(png.length + 12 + content.length)
                .put(png, 0, PNG_HEADER)
                .putInt(content.length)
                .put(name.getBytes(StandardCharsets.ISO_8859_1))
                .put(content)
                .putInt((int) checksum.getValue())
                .put(png, PNG_HEADER, png.length - PNG_HEADER)
                .array();
    }

    private static byte[] entry(int tag, int type, int value) {
        return ByteBuffer.allocate(12)
                .putShort((short) tag)
                .putShort((short) type)
                .putInt(1)
                .putInt(value)
                .array();
    }
}
