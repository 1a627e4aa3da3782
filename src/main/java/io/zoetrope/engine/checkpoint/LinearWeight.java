package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// The weight `[out, in]` of a linear layer, in one of the forms in which it may lie in memory.
public sealed interface LinearWeight {

    /// The greatest number of the fp8 type E4M3. What is greater becomes NaN when it is converted, hence the
    /// clamping.
    double GREATEST_FLOAT8 = 448;

    /// As stored, `[out, in]`.
    Tensor stored();

    /// The real weight.
    ///
    /// @param type to which it is rounded, once
    /// @return `[out, in]`; the stored tensor itself if that is it
    Tensor as(DataType type);

    /// Of the stored elements.
    default long bytes() {
        return stored().bytes();
    }

    /// In the type that the network computes in.
    record Plain(Tensor stored) implements LinearWeight {

        @Override
        public Tensor as(DataType type) {
            return stored.type() == type ? stored : stored.to(type);
        }
    }

    /// Rounded to fp8; the bias is too.
    record Cast(Tensor stored) implements LinearWeight {

        @Override
        public Tensor as(DataType type) {
            return stored.to(type);
        }
    }

    /// In fp8 with a factor for all elements.
    ///
    /// @param scale      float32 `[]`
    /// @param inputScale float32 `[]`, by which inputs are divided before they are rounded to fp8 as well; null
    ///                   if they are not
    record Scaled(Tensor stored, Tensor scale, Tensor inputScale) implements LinearWeight {

        @Override
        public Tensor as(DataType type) {
            return folded(stored, scale, type);
        }
    }

    /// `stored · scale`, in float32 and rounded once.
    static Tensor folded(Tensor stored, Tensor scale, DataType type) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(stored.to(DataType.FLOAT32).times(scale).to(type));
        }
    }

    /// Rounded to E4M3; what is too large becomes the greatest number there is.
    static Tensor rounded(Tensor tensor) {
        return switch (tensor.type()) {
            case FLOAT8_E4M3 -> tensor;
            case FLOAT8_E5M2 ->
                tensor.to(DataType.FLOAT32)
                        .clamp(-GREATEST_FLOAT8, GREATEST_FLOAT8)
                        .to(DataType.FLOAT8_E4M3);
            case FLOAT64, FLOAT32, FLOAT16, BFLOAT16, INT64, INT32, INT16, INT8, UINT8, BOOL ->
                tensor.clamp(-GREATEST_FLOAT8, GREATEST_FLOAT8).to(DataType.FLOAT8_E4M3);
        };
    }
}
