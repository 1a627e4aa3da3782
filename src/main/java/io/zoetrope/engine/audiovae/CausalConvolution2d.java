package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// A convolution over time and frequency that looks back in time only; beyond the borders there are zeros.
final class CausalConvolution2d {

    private final Tensor weight; // [out, in, kernel, kernel]
    private final Tensor bias; // [out]
    private final int kernel;

    private CausalConvolution2d(Tensor weight, Tensor bias, int kernel) {
        this.weight = weight;
        this.bias = bias;
        this.kernel = kernel;
    }

    /// @param kernel 3, or 1 for a convolution of single positions
    static CausalConvolution2d load(long in, long out, int kernel, Weights weights) {
        Weights convolution = weights.under("conv");
        return new CausalConvolution2d(
                convolution.tensor("weight", out, in, kernel, kernel), convolution.tensor("bias", out), kernel);
    }

    /// @param hidden `[B, in, T, M]`
    /// @return `[B, out, T, M]`
    Tensor forward(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = kernel == 1 ? hidden : hidden.pad("constant", 1, 1, kernel - 1L, 0);
            return scope.keep(padded.convolve2d(weight, bias, 1, 1));
        }
    }

    /// Norm, silu, convolution.
    Tensor forwardActivated(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = padded(hidden);
            return scope.keep(padded.convolve2d(weight, bias, 1, 1));
        }
    }

    /// Takes every second row of both axes. Unlike elsewhere, frequency gets a border on its high side only.
    ///
    /// @return `[B, out, (T+1) div 2, M div 2]`
    Tensor forwardHalving(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = hidden.pad("constant", 0, 1, kernel - 1L, 0);
            return scope.keep(padded.convolve2d(weight, bias, 2, 2));
        }
    }

    private Tensor padded(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(PixelNorm2d.forward(hidden).siluInPlace().pad("constant", 1, 1, kernel - 1L, 0));
        }
    }
}
