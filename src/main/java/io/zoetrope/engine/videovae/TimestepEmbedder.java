package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// How much noise is left in the latent, as a vector. For decoders that are conditioned on it; no release is.
final class TimestepEmbedder {

    private static final int FREQUENCIES = 128;
    private static final double LONGEST_PERIOD = 10000;

    private final Linear first;
    private final Linear second;

    private TimestepEmbedder(Linear first, Linear second) {
        this.first = first;
        this.second = second;
    }

    static TimestepEmbedder load(long width, Weights weights) {
        Weights embedder = weights.under("timestep_embedder");
        return new TimestepEmbedder(
                Linear.load(2 * FREQUENCIES, width, embedder.under("linear_1")),
                Linear.load(width, width, embedder.under("linear_2")));
    }

    /// @param timesteps float32 `[B]`
    /// @param type      of the network
    /// @return `[B, width]`
    Tensor forward(Tensor timesteps, DataType type) {
        Tensor frequencies = Tensor.range(FREQUENCIES, DataType.FLOAT32)
                .times(-Math.log(LONGEST_PERIOD))
                .dividedBy(FREQUENCIES)
                .exp()
                .to(timesteps.device());
        Tensor angles = timesteps.unsqueeze(1).times(frequencies); // [B, 128]
        return second.forward(
                first.forward(Tensor.concatenate(1, angles.cos(), angles.sin()).to(type))
                        .silu());
    }
}
