package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Scales the channel vector of every position to unit mean square; no learned gain.
final class PixelNorm2d {

    private static final double EPSILON = 1e-6; // the video autoencoder has 1e-8

    private PixelNorm2d() {}

    /// @param hidden `[B, C, T, M]`
    /// @return the same shape, new
    static Tensor forward(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor length = length(hidden); // [B, 1, T, M]
            return scope.keep(hidden.dividedBy(length));
        }
    }

    private static Tensor length(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) { // the squares are as large as the input
            return scope.keep(hidden.square().mean(1).plus(EPSILON).sqrt());
        }
    }
}
