package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// A one-dimensional convolution that keeps the length; beyond both ends there are zeros.
///
/// @param weight `[out, in, kernel]`, an odd kernel
/// @param bias   `[out]`, or null
/// @param channelsLast whether inputs and results are laid out like [Tensor#channelsLast]
record Convolution1d(Tensor weight, Tensor bias, int dilation, boolean channelsLast) {

    static Convolution1d load(long in, long out, int kernel, int dilation, DataType type, Weights weights) {
        return new Convolution1d(
                weights.tensorAs(type, "weight", out, in, kernel),
                weights.tensorAs(type, "bias", out),
                dilation,
                false);
    }

    Convolution1d inChannelsLast(boolean wanted) {
        return new Convolution1d(weight, bias, dilation, wanted);
    }

    static Convolution1d withoutBias(long in, long out, int kernel, DataType type, Weights weights) {
        return new Convolution1d(weights.tensorAs(type, "weight", out, in, kernel), null, 1, false);
    }

    /// @param hidden `[B, in, T]`
    /// @return `[B, out, T]`
    Tensor forward(Tensor hidden) {
        long padding = dilation * (weight.size(2) - 1) / 2;
        return channelsLast
                ? hidden.convolveChannelsLast(weight, bias, 1, padding, dilation)
                : hidden.convolve1d(weight, bias, 1, padding, dilation);
    }
}
