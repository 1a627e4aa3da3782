package io.zoetrope.engine.lora;

import io.zoetrope.engine.tensor.DataType;

/// How exactly changes are added to weights.
public enum FusionRule {
    /// Multiplied and added in float32, rounded once to the weight's type.
    EXACT,
    /// As the reference does, whatever the weight's type: products, sums and the result rounded to bfloat16. A model
    /// in float32 then has bfloat16 values in the layers that were touched.
    BFLOAT16;

    /// What a network that computes in `type` uses unless told otherwise: nothing is rounded that the network would
    /// not round, and a bfloat16 model is the reference's.
    public static FusionRule of(DataType type) {
        return type == DataType.BFLOAT16 ? BFLOAT16 : EXACT;
    }
}
