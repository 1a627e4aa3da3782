package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.ScaledDotProductAttention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Attention of all positions of a spectrogram to each other, one head. No release has it.
final class PlaneAttention {

    private record Projection(Tensor weight, Tensor bias) {

        static Projection load(long channels, Weights weights) {
            return new Projection(weights.tensor("weight", channels, channels, 1, 1), weights.tensor("bias", channels));
        }

        Tensor forward(Tensor hidden) {
            return hidden.convolve2d(weight, bias, 1, 1);
        }
    }

    private final Projection query;
    private final Projection key;
    private final Projection value;
    private final Projection output;

    private PlaneAttention(Projection query, Projection key, Projection value, Projection output) {
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
    }

    static PlaneAttention load(long channels, Weights weights) {
        return new PlaneAttention(
                Projection.load(channels, weights.under("q")),
                Projection.load(channels, weights.under("k")),
                Projection.load(channels, weights.under("v")),
                Projection.load(channels, weights.under("proj_out")));
    }

    /// @param hidden `[B, C, T, M]`
    Tensor forward(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = PixelNorm2d.forward(hidden);
            Tensor attended = ScaledDotProductAttention.attend(
                    positions(query.forward(input)),
                    positions(key.forward(input)),
                    positions(value.forward(input)),
                    null,
                    1 / Math.sqrt(hidden.size(1))); // [B, 1, T · M, C]
            Tensor plane = attended.select(1, 0).transpose(1, 2).reshape(hidden.shape());
            return scope.keep(hidden.plus(output.forward(plane)));
        }
    }

    /// `[B, C, T, M]` to `[B, 1, T · M, C]`.
    private static Tensor positions(Tensor plane) {
        return plane.reshape(plane.size(0), plane.size(1), plane.size(2) * plane.size(3))
                .transpose(1, 2)
                .unsqueeze(1);
    }
}
