package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// A 3x3x3 convolution with zeros around, in time as well: unlike the autoencoder's, it looks both ways.
record Convolution(Tensor weight, Tensor bias) {

    private static final int KERNEL = 3;
    private static final long[] ONE = {1, 1, 1};

    static Convolution load(long in, long out, Weights weights) {
        return new Convolution(weights.tensor("weight", out, in, KERNEL, KERNEL, KERNEL), weights.tensor("bias", out));
    }

    /// @param hidden `[B, in, F, H, W]`
    /// @return `[B, out, F, H, W]`
    Tensor forward(Tensor hidden) {
        return hidden.convolve3d(weight, bias, ONE, ONE);
    }
}
