package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.Tensor;

/// One stream on its way through the denoising loop. Never changed: each step makes a new one.
///
/// The target's tokens come first; what is appended after them guides and is dropped in the end.
/// Source: docs/model/conditioning.md, section 1.
///
/// @param latent    noisy tokens, `[B, T, C]`
/// @param clean     given content, `[B, T, C]`; zeros where nothing is given
/// @param mask      float32 `[B, T, 1]`, 1 where a token is generated and 0 where it is given
/// @param positions `[B, axes, T, 2]`
/// @param attention how much tokens see of each other, float32 `[B, T, T]`, 0 to 1; null if all see all
/// @param frozen    whether the stream is given as a whole: the network is told noise level 0 for it
public record LatentState(
        Tensor latent, Tensor clean, Tensor mask, Tensor positions, Tensor attention, boolean frozen) {

    /// A state in which all tokens see each other.
    public LatentState(Tensor latent, Tensor clean, Tensor mask, Tensor positions) {
        this(latent, clean, mask, positions, null, false);
    }

    public int tokens() {
        return Math.toIntExact(latent.size(1));
    }

    public LatentState withLatent(Tensor replacement) {
        return new LatentState(replacement, clean, mask, positions, attention, frozen);
    }

    public LatentState withMask(Tensor replacement) {
        return new LatentState(latent, clean, replacement, positions, attention, frozen);
    }

    /// The same content given as a whole, to steer the other stream only.
    public LatentState asFrozen() {
        return new LatentState(latent, clean, mask.times(0), positions, attention, true);
    }
}
