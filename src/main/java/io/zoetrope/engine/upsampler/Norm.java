package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// Group normalisation; the statistics are those of the whole clip.
record Norm(Tensor weight, Tensor bias) {

    private static final double EPSILON = 1e-5;

    static Norm load(long channels, Weights weights) {
        return new Norm(weights.tensor("weight", channels), weights.tensor("bias", channels));
    }

    Tensor forward(Tensor hidden) {
        return hidden.groupNorm(UpsamplerConfig.GROUPS, weight, bias, EPSILON);
    }
}
