package io.zoetrope.engine;

import io.zoetrope.engine.tensor.Tensor;

/// Frames and samples of a short clip, all in memory.
///
/// @param frames     uint8 `[F, H, W, 3]`, contiguous on the CPU; null for sound alone
/// @param samples    float32 `[2, S]` in [-1, 1], contiguous on the CPU
/// @param sampleRate Hz
public record Clip(Tensor frames, Tensor samples, int sampleRate) {}
