package io.zoetrope.media;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/// Writes sound as WAV, 16-bit PCM.
public final class WavWriter {

    private static final int BITS = 16;
    private static final int LONGEST_HEADER = 64; // reckoned generously
    private static final float FULL_SCALE = 32_767;

    private WavWriter() {}

    /// Writes `sound` to `file`, replacing what has that name.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, Sound sound) throws IOException {
        byte[] content = bytes(sound);
        try (var partial = new PartialFile(file)) {
            try {
                Files.write(partial.path(), content);
            } catch (IOException e) {
                throw new IOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
            }
            partial.moveIntoPlace();
        }
    }

    /// The content of the file that [#write] writes. Samples are clipped to -1 and 1, multiplied by 32767
    /// and truncated, as the reference does.
    public static byte[] bytes(Sound sound) {
        byte[] samples = interleave(sound);
        var format = new AudioFormat(sound.sampleRate(), BITS, sound.channels(), true, false);
        var content = new ByteArrayOutputStream(LONGEST_HEADER + samples.length);
        try (var stream = new AudioInputStream(new ByteArrayInputStream(samples), format, sound.length())) {
            int _ = AudioSystem.write(stream, AudioFileFormat.Type.WAVE, content);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return content.toByteArray();
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
