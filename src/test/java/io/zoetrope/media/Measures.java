package io.zoetrope.media;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What tests measure on files, pictures and sound.
final class Measures {

    private Measures() {}

    /// Peak signal-to-noise ratio of two clips of one shape, dB.
    static double peakSignalToNoise(RgbFrames expected, RgbFrames found) {
        long bytes = expected.rgb().byteSize();
        if (bytes != found.rgb().byteSize()) {
            throw new AssertionError("%s against %s".formatted(expected, found));
        }
        double squares = 0;
        for (long index = 0; index < bytes; index++) {
            int difference = (expected.rgb().get(ValueLayout.JAVA_BYTE, index) & 255)
                    - (found.rgb().get(ValueLayout.JAVA_BYTE, index) & 255);
            squares += difference * difference;
        }
        return 10 * Math.log10(255.0 * 255.0 * bytes / squares);
    }

    /// The frequency of a pure tone by its upward zero crossings, Hz.
    static double frequency(Sound sound, int channel) {
        int crossings = 0;
        double first = 0;
        double last = 0;
        for (int index = 1; index < sound.length(); index++) {
            float before = sound.sample(channel, index - 1);
            float after = sound.sample(channel, index);
            if (before < 0 && after >= 0) {
                last = index - 1 + before / (before - after);
                first = crossings == 0 ? last : first;
                crossings++;
            }
        }
        return (crossings - 1) * sound.sampleRate() / (last - first);
    }

    /// Root of the mean square.
    static double loudness(Sound sound, int channel) {
        double squares = 0;
        for (int index = 0; index < sound.length(); index++) {
            squares += Math.pow(sound.sample(channel, index), 2);
        }
        return Math.sqrt(squares / sound.length());
    }

    /// Ratio of a sound to what was added to it on the way, sample by sample, dB. A shift in time ruins it.
    static double signalToNoise(Sound expected, Sound found, int channel) {
        double signal = 0;
        double noise = 0;
        for (int index = 0; index < expected.length(); index++) {
            signal += Math.pow(expected.sample(channel, index), 2);
            noise += Math.pow(expected.sample(channel, index) - found.sample(channel, index), 2);
        }
        return 10 * Math.log10(signal / noise);
    }

    /// The names of the parts of an MP4, in order.
    static List<String> boxes(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        List<String> names = new ArrayList<>();
        for (int position = 0; position < bytes.capacity(); position += bytes.getInt(position)) {
            names.add(new String(bytes.array(), position + 4, 4, StandardCharsets.ISO_8859_1));
        }
        return names;
    }

    /// Resident memory of this process, bytes.
    static long residentBytes() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(pages[1]) * 4096;
    }
}
