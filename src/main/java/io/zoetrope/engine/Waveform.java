package io.zoetrope.engine;

import io.zoetrope.engine.tensor.Tensor;

/// The sound of a clip.
///
/// @param samples    float32 `[2, S]` in [-1, 1], contiguous on the CPU
/// @param sampleRate Hz
public record Waveform(Tensor samples, int sampleRate) {

    /// Left and right.
    public static final int CHANNELS = 2;
}
