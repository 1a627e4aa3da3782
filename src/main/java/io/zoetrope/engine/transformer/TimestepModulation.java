package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// Adaptive normalisation's source ("adaLN single"): turns noise levels into the vectors that shift, scale and gate
/// a stream.
final class TimestepModulation {

    /// What a noise level becomes.
    ///
    /// @param embedded `[B, T, C]`
    /// @param vectors  `[B, T, n, C]`
    record Modulation(Tensor embedded, Tensor vectors) {}

    private static final int FREQUENCIES = 128;
    private static final double LONGEST_PERIOD = 10000;

    private final int width;
    private final int vectors;
    private final Tensor frequencies; // float32 [128]
    private final Linear first;
    private final Linear second;
    private final Linear toVectors;

    private TimestepModulation(
            int width, int vectors, Tensor frequencies, Linear first, Linear second, Linear toVectors) {
        this.width = width;
        this.vectors = vectors;
        this.frequencies = frequencies;
        this.first = first;
        this.second = second;
        this.toVectors = toVectors;
    }

    /// @param vectors n, how many vectors a noise level becomes
    static TimestepModulation load(int width, int vectors, Weights weights) {
        Weights embedder = weights.under("emb.timestep_embedder");
        return new TimestepModulation(
                width,
                vectors,
                weights.derived(frequencies().to(weights.device())),
                Linear.load(2 * FREQUENCIES, width, embedder.under("linear_1")),
                Linear.load(width, width, embedder.under("linear_2")),
                Linear.load(width, (long) vectors * width, weights.under("linear")));
    }

    /// @param timesteps   float32 `[B, T, 1]`, noise levels times their scale
    /// @param elementType of the network
    Modulation forward(Tensor timesteps, DataType elementType) {
        Tensor angles = timesteps.times(frequencies); // [B, T, 128]
        Tensor waves = Tensor.concatenate(-1, angles.cos(), angles.sin()).to(elementType);
        Tensor embedded = second.forward(first.forward(waves).silu()); // [B, T, C]
        Tensor modulation = toVectors.forward(embedded.silu()); // [B, T, n · C]
        return new Modulation(embedded, modulation.view(modulation.size(0), modulation.size(1), vectors, width));
    }

    private static Tensor frequencies() {
        return Tensor.range(FREQUENCIES, DataType.FLOAT32)
                .times(-Math.log(LONGEST_PERIOD))
                .dividedBy(FREQUENCIES)
                .exp();
    }
}
