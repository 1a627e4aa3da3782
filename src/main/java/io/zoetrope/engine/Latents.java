package io.zoetrope.engine;

import io.zoetrope.engine.tensor.Tensor;

/// A denoised clip that nobody can see or hear yet; normalised.
///
/// @param video `[1, C, F, H, W]`; null for sound alone
/// @param audio `[1, Z, T, M]`
public record Latents(Tensor video, Tensor audio) {}
