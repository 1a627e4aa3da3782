package io.zoetrope.media;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes sound as WAV, 16-bit PCM.
public final class WavWriter {

    private static final short BITS = 16;
    private static final short PCM = 1;
    private static final int HEADER = 44;
    private static final float FULL_SCALE = 32_767;

    private WavWriter() {}

    /// Writes `sound` to `file`, replacing what has that name. Samples are clipped to -1 and 1, multiplied by
    /// 32767 and truncated, as the reference does.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, Sound sound) throws IOException {
        byte[] samples = interleave(sound);
        try (var partial = new PartialFile(file)) {
            try (OutputStream stream = Files.newOutputStream(partial.path())) {
                stream.write(header(sound, samples.length));
                stream.write(samples);
            } catch (IOException e) {
                throw new IOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
            }
            partial.moveIntoPlace();
        }
    }

    /// RIFF with the chunks `fmt ` and `data`. What the JDK has for it looks for all its writers first, every time.
    private static byte[] header(Sound sound, int bytes) {
        int frame = sound.channels() * BITS / 8;
        return ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(ascii("RIFF"))
                .putInt(HEADER - 8 + bytes)
                .put(ascii("WAVE"))
                .put(ascii("fmt "))
                .putInt(16)
                .putShort(PCM)
                .putShort((short) sound.channels())
                .putInt(sound.sampleRate())
                .putInt(sound.sampleRate() * frame)
                .putShort((short) frame)
                .putShort(BITS)
                .put(ascii("data"))
                .putInt(bytes)
                .array();
    }

    private static byte[] ascii(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] interleave(Sound sound) {
        byte[] bytes = new byte[Math.multiplyExact(2 * sound.channels(), sound.length())];
        int position = 0;
        for (int index = 0; index < sound.length(); index++) {
            for (int channel = 0; channel < sound.channels(); channel++) {
                int value = (int) (Math.clamp(sound.sample(channel, index), -1f, 1f) * FULL_SCALE);
                bytes[position++] = (byte) value;
                bytes[position++] = (byte) (value >> 8);
            }
        }
        return bytes;
    }
}
