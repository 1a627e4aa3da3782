package io.zoetrope.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A piece of sound, channel after channel. The memory belongs to whoever allocated it.
///
/// @param samples    float32 `[channels, S]` in the native byte order, full scale at -1 and 1
/// @param channels   number of channels, at least 1
/// @param length     S, samples per channel, 0 or more
/// @param sampleRate samples per second, Hz
public record Sound(MemorySegment samples, int channels, int length, int sampleRate) {

    public Sound {
        if (channels < 1 || length < 0 || sampleRate < 1) {
            throw new IllegalArgumentException(
                    "sound [%d, %d] at %d Hz, expected [channels, S] with a channel and a rate"
                            .formatted(channels, length, sampleRate));
        }
        long expected = byteSize(channels, length);
        if (samples.byteSize() != expected) {
            throw new IllegalArgumentException("sound [%d, %d] in %d bytes, expected %d bytes"
                    .formatted(channels, length, samples.byteSize(), expected));
        }
    }

    /// Silence in memory of `arena`.
    public static Sound allocate(Arena arena, int channels, int length, int sampleRate) {
        return new Sound(arena.allocate(byteSize(channels, length), Float.BYTES), channels, length, sampleRate);
    }

    /// One sample as it is stored, not clipped.
    public float sample(int channel, int index) {
        return samples.get(
                ValueLayout.JAVA_FLOAT_UNALIGNED, byteSize(1, length) * channel + (long) Float.BYTES * index);
    }

    /// The same with two channels: a single one is there twice, in memory of `arena`.
    ///
    /// @throws IllegalArgumentException for more than two channels
    public Sound stereo(Arena arena) {
        if (channels > 2) {
            throw new IllegalArgumentException("sound with %d channels, expected 1 or 2".formatted(channels));
        }
        if (channels == 2) {
            return this;
        }
        Sound twice = allocate(arena, 2, length, sampleRate);
        MemorySegment.copy(samples, 0, twice.samples, 0, samples.byteSize());
        MemorySegment.copy(samples, 0, twice.samples, samples.byteSize(), samples.byteSize());
        return twice;
    }

    public double seconds() {
        return (double) length / sampleRate;
    }

    private static long byteSize(int channels, int length) {
        return (long) Float.BYTES * channels * length;
    }
}
