package io.zoetrope.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/// Writes sound as WAV, 16-bit PCM.
public final class WavWriter {

    private static final int BITS = 16;
    private static final float FULL_SCALE = 32_767;

    private WavWriter() {}

    /// Writes `sound` to `file`, replacing what has that name. Samples are clipped to -1 and 1, multiplied by
    /// 32767 and truncated, as the reference does.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, Sound sound) throws IOException {
        byte[] samples = interleave(sound);
        var format = new AudioFormat(sound.sampleRate(), BITS, sound.channels(), true, false);
        try (var partial = new PartialFile(file);
                var stream = new AudioInputStream(new ByteArrayInputStream(samples), format, sound.length())) {
            try {
                int _ = AudioSystem.write(
                        stream, AudioFileFormat.Type.WAVE, partial.path().toFile());
            } catch (IOException e) {
                throw new IOException("cannot write %s: %s".formatted(file, e.getMessage()), e);
            }
            partial.moveIntoPlace();
        }
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
