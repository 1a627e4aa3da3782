package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;

/// A 3x3x3 convolution that pads time by copying border frames: two in front if it is causal, one on each side if
/// not.
final class CausalConvolution {

    private static final int KERNEL = 3;
    private static final long[] STRIDE = {1, 1, 1};
    private static final long[] NO_PADDING = {0, 0, 0};
    private static final long[] ZEROS_AROUND = {0, 1, 1};

    private final Tensor weight; // [out, in, 3, 3, 3]
    private final Tensor bias; // [out]
    private final boolean causal;
    private final SpatialPadding padding;

    private CausalConvolution(Tensor weight, Tensor bias, boolean causal, SpatialPadding padding) {
        this.weight = weight;
        this.bias = bias;
        this.causal = causal;
        this.padding = padding;
    }

    static CausalConvolution load(long in, long out, VideoVaeConfig config, Weights weights) {
        Weights convolution = weights.under("conv");
        return new CausalConvolution(
                convolution.tensor("weight", out, in, KERNEL, KERNEL, KERNEL),
                convolution.tensor("bias", out),
                config.causal(),
                config.padding());
    }

    /// @param hidden `[B, in, F, H, W]`
    /// @return `[B, out, F, H, W]`
    Tensor forward(Tensor hidden) {
        Tensor first = hidden.narrow(2, 0, 1);
        Tensor inTime = causal
                ? Tensor.concatenate(2, first, first, hidden)
                : Tensor.concatenate(2, first, hidden, hidden.narrow(2, hidden.size(2) - 1, 1));
        return padding == SpatialPadding.ZEROS
                ? inTime.convolve3d(weight, bias, STRIDE, ZEROS_AROUND)
                : inTime.pad(padding.mode(), 1, 1, 1, 1, 0, 0).convolve3d(weight, bias, STRIDE, NO_PADDING);
    }
}
