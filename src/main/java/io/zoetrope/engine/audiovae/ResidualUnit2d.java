package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Norm, silu, convolution, twice, with a skip around them; a 1x1 convolution in the skip where the width changes.
final class ResidualUnit2d {

    private static final int KERNEL = 3;

    private final CausalConvolution2d first;
    private final CausalConvolution2d second;
    private final CausalConvolution2d shortcut; // or null

    private ResidualUnit2d(CausalConvolution2d first, CausalConvolution2d second, CausalConvolution2d shortcut) {
        this.first = first;
        this.second = second;
        this.shortcut = shortcut;
    }

    static ResidualUnit2d load(long in, long out, Weights weights) {
        return new ResidualUnit2d(
                CausalConvolution2d.load(in, out, KERNEL, weights.under("conv1")),
                CausalConvolution2d.load(out, out, KERNEL, weights.under("conv2")),
                in == out ? null : CausalConvolution2d.load(in, out, 1, weights.under("nin_shortcut")));
    }

    /// @param hidden `[B, C, T, M]`
    /// @return `[B, C', T, M]`, new
    Tensor forward(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor detail = first.forwardActivated(hidden);
            Tensor result = second.forwardActivated(detail);
            detail.close();
            return scope.keep(result.plusInPlace(shortcut == null ? hidden : shortcut.forward(hidden)));
        }
    }
}
