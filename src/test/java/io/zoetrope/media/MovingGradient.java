package io.zoetrope.media;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/// A clip drawn by arithmetic: a smooth gradient that drifts, and a sine for each channel.
final class MovingGradient {

    /// The left channel, Hz; each further channel is an octave higher.
    static final double FREQUENCY = 440;

    static final float LOUDNESS = 0.5f;

    private MovingGradient() {}

    /// uint8 `[F, H, W, 3]`: red grows to the right, green downwards, blue with time.
    static RgbFrames frames(Arena arena, int frames, int height, int width) {
        RgbFrames clip = RgbFrames.allocate(arena, frames, height, width);
        for (int frame = 0; frame < frames; frame++) {
            var pixels = clip.frame(frame);
            double time = (double) frame / Math.max(1, frames - 1);
            long position = 0;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    double across = (double) column / width;
                    double down = (double) row / height;
                    pixels.set(
                            ValueLayout.JAVA_BYTE, position++, level(0.5 + 0.5 * Math.sin(Math.PI * (across + time))));
                    pixels.set(ValueLayout.JAVA_BYTE, position++, level(down));
                    pixels.set(ValueLayout.JAVA_BYTE, position++, level(0.2 + 0.6 * time));
                }
            }
        }
        return clip;
    }

    /// float32 `[channels, S]`.
    static Sound sound(Arena arena, int channels, int length, int sampleRate) {
        Sound sound = Sound.allocate(arena, channels, length, sampleRate);
        for (int channel = 0; channel < channels; channel++) {
            double step = 2 * Math.PI * FREQUENCY * (1 << channel) / sampleRate;
            for (int index = 0; index < length; index++) {
                sound.samples()
                        .setAtIndex(
                                ValueLayout.JAVA_FLOAT,
                                (long) channel * length + index,
                                LOUDNESS * (float) Math.sin(step * index));
            }
        }
        return sound;
    }

    private static byte level(double value) {
        return (byte) Math.round(255 * value);
    }
}
