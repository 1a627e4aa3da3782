package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.Tensor;

/// One stream on its way through the denoising loop. Never changed: each step makes a new one.
///
/// @param latent    noisy tokens, `[B, T, C]`
/// @param clean     given content, `[B, T, C]`; zeros where nothing is given
/// @param mask      float32 `[B, T, 1]`, 1 where a token is generated and 0 where it is given
/// @param positions `[B, axes, T, 2]`
public record LatentState(Tensor latent, Tensor clean, Tensor mask, Tensor positions) {

    public LatentState withLatent(Tensor replacement) {
        return new LatentState(replacement, clean, mask, positions);
    }
}
