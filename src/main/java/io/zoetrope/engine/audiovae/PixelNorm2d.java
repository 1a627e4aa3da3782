package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;

/// Scales the channel vector of every position to unit mean square; no learned gain.
final class PixelNorm2d {

    private static final double EPSILON = 1e-6; // the video autoencoder has 1e-8

    private PixelNorm2d() {}

    /// @param hidden `[B, C, T, M]`
    static Tensor forward(Tensor hidden) {
        return hidden.dividedBy(hidden.square().mean(1).plus(EPSILON).sqrt());
    }
}
