package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Linear;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// The source of adaptive normalisation ("adaLN single"): turns noise levels into the vectors that shift, scale
/// and gate a stream.
///
/// Source: docs/model/transformer.md, section 4.
final class TimestepModulation {

    /// What noise levels become.
    ///
    /// @param embedded `[B, T, C]`
    /// @param vectors  `[B, T, n, C]`
    record Modulation(Tensor embedded, Tensor vectors) {

        void report(String name, Trace trace) {
            trace.see(name + ".embedded", embedded);
            trace.see(name + ".vectors", vectors);
        }
    }

    private static final int FREQUENCIES = 128;
    private static final double LONGEST_PERIOD = 10000;

    private final int width;
    private final int vectors;
    private final Tensor frequencies; // float32 [128]
    private final Linear first; // 256 → C
    private final Linear second; // C → C
    private final Linear toVectors; // C → n · C

    private TimestepModulation(int width, int vectors, Weights weights) {
        Weights embedder = weights.under("emb.timestep_embedder");
        this.width = width;
        this.vectors = vectors;
        this.frequencies = weights.derived(frequencies().to(weights.device()));
        this.first = Linear.load(2 * FREQUENCIES, width, embedder.under("linear_1"));
        this.second = Linear.load(width, width, embedder.under("linear_2"));
        this.toVectors = Linear.load(width, (long) vectors * width, weights.under("linear"));
    }

    /// @param width   C
    /// @param vectors n, how many vectors a noise level becomes
    static TimestepModulation load(int width, int vectors, Weights weights) {
        return new TimestepModulation(width, vectors, weights);
    }

    /// @param timesteps float32 `[B, T, 1]`, noise levels times their scale
    /// @param type      of the network's elements
    Modulation forward(Tensor timesteps, DataType type) {
        Tensor angles = timesteps.times(frequencies); // [B, T, 128]
        Tensor waves = Tensor.concatenate(-1, angles.cos(), angles.sin()).to(type); // cosines first
        Tensor embedded = second.forward(first.forward(waves).silu());
        Tensor modulation = toVectors.forward(embedded.silu()); // [B, T, n · C]
        return new Modulation(embedded, modulation.view(modulation.size(0), modulation.size(1), vectors, width));
    }

    /// `10000^(-k / 128)`. The exponents are made in the reference's order of float32 operations; their
    /// exponentials are rounded once, because the last bit, times a timestep of up to 1000, decides the fifth
    /// digit of a wave.
    private static Tensor frequencies() {
        Tensor exponents = Tensor.range(FREQUENCIES, DataType.FLOAT32)
                .times(-Math.log(LONGEST_PERIOD))
                .dividedBy(FREQUENCIES);
        return exponents.to(DataType.FLOAT64).exp().to(DataType.FLOAT32);
    }
}
