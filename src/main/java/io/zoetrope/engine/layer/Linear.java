package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.ScaledProduct;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// `y = x · Wᵀ + b` over the last axis.
public final class Linear {

    private final LinearWeight weight; // [out, in]
    private final Tensor bias; // [out], or null

    private Linear(LinearWeight weight, Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /// Reads `weight` `[out, in]` and `bias` `[out]`.
    public static Linear load(long in, long out, Weights weights) {
        return new Linear(weights.linear(out, in), weights.linearBias(out));
    }

    /// Reads `weight` `[out, in]` alone.
    public static Linear withoutBias(long in, long out, Weights weights) {
        return new Linear(weights.linear(out, in), null);
    }

    /// @param input `[…, in]`
    /// @return `[…, out]`
    public Tensor forward(Tensor input) {
        return switch (weight) {
            case LinearWeight.Plain(Tensor stored) -> input.linear(stored, bias);
            case LinearWeight.Cast _ -> expanded(input);
            case LinearWeight.Scaled scaled when scaled.inputScale() == null -> expanded(input);
            case LinearWeight.Scaled scaled -> quantised(input, scaled);
        };
    }

    /// The whole weight exists in the input's type for this one product.
    private Tensor expanded(Tensor input) {
        try (TensorScope scope = TensorScope.open()) {
            DataType type = input.type();
            return scope.keep(input.linear(weight.as(type), bias == null ? null : bias.to(type)));
        }
    }

    /// Inputs and weights in fp8; their products and sums in float32, the result rounded once.
    private Tensor quantised(Tensor input, LinearWeight.Scaled scaled) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor rounded = LinearWeight.rounded(input.to(DataType.FLOAT32).dividedBy(scaled.inputScale()));
            Tensor product = ScaledProduct.takes(scaled.stored())
                    ? ScaledProduct.of(
                            rounded, scaled.stored(), scaled.inputScale(), scaled.scale(), bias, input.type())
                    : null;
            return scope.keep(product == null ? expandedProduct(rounded, scaled, input.type()) : product);
        }
    }

    private Tensor expandedProduct(Tensor rounded, LinearWeight.Scaled scaled, DataType type) {
        Tensor product = rounded.to(DataType.FLOAT32)
                .linear(scaled.stored().to(DataType.FLOAT32), null)
                .times(scaled.inputScale())
                .times(scaled.scale());
        Tensor result = bias == null ? product : product.plus(bias.to(DataType.FLOAT32));
        return result.to(type);
    }
}
