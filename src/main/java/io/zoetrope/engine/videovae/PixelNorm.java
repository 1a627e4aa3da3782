package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.Tensor;

/// Scales the channel vector of every position to unit mean square; no learned gain.
final class PixelNorm {

    private static final double EPSILON = 1e-8;

    private PixelNorm() {}

    /// @param hidden `[B, C, F, H, W]`
    static Tensor forward(Tensor hidden) {
        return hidden.dividedBy(hidden.square().mean(1).plus(EPSILON).sqrt());
    }
}
