package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Gemma's norm: `x / sqrt(mean(x²) + eps) · (1 + w)`, in float32. The file stores the offset from one.
record GemmaNorm(Tensor gain, double epsilon) {

    static GemmaNorm load(int width, double epsilon, Weights weights) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor offset = weights.tensorAs(DataType.FLOAT32, "weight", width);
            return new GemmaNorm(weights.derived(offset.plus(1)), epsilon);
        }
    }

    Tensor forward(Tensor hidden) {
        return hidden.to(DataType.FLOAT32).rmsNorm(gain, epsilon).to(hidden.type());
    }
}
