package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// `y = x · Wᵀ + b` over the last axis.
public final class Linear {

    private final Tensor weight; // [out, in]
    private final Tensor bias; // [out], or null

    private Linear(Tensor weight, Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /// Reads `weight` `[out, in]` and `bias` `[out]`.
    public static Linear load(long in, long out, Weights weights) {
        return new Linear(weights.tensor("weight", out, in), weights.tensor("bias", out));
    }

    /// Reads `weight` `[out, in]` alone.
    public static Linear withoutBias(long in, long out, Weights weights) {
        return new Linear(weights.tensor("weight", out, in), null);
    }

    /// @param input `[…, in]`
    /// @return `[…, out]`
    public Tensor forward(Tensor input) {
        return input.linear(weight, bias);
    }
}
