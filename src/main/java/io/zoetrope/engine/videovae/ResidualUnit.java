package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Two convolutions with a skip around them: the picture keeps its size, detail is added.
///
///     hidden [B, C, F, H, W] ─┬─ norm ─ silu ─ conv ─ norm ─ silu ─ conv ─(+)─ [B, C', F, H, W]
///                             └──────────────────────────── [shortcut] ────┘
///
/// The shortcut is a 1x1x1 convolution where the width changes.
final class ResidualUnit {

    private static final int MODULATION_ROWS = 4;
    private static final double SHORTCUT_EPSILON = 1e-6;

    private final CausalConvolution first;
    private final CausalConvolution second;
    private final Shortcut shortcut; // or null
    private final Tensor firstNoiseScale; // [C, 1, 1], or null
    private final Tensor secondNoiseScale;
    private final Tensor table; // [4, C], or null

    private record Shortcut(Tensor weight, Tensor bias, Tensor normWeight, Tensor normBias) {

        static Shortcut load(long in, long out, Weights weights) {
            return new Shortcut(
                    weights.tensor("conv_shortcut.weight", out, in, 1, 1, 1),
                    weights.tensor("conv_shortcut.bias", out),
                    weights.tensor("norm3.weight", in),
                    weights.tensor("norm3.bias", in));
        }

        Tensor forward(Tensor hidden) {
            return hidden.groupNorm(1, normWeight, normBias, SHORTCUT_EPSILON)
                    .convolve3d(weight, bias, new long[] {1, 1, 1}, new long[] {0, 0, 0});
        }
    }

    private ResidualUnit(
            CausalConvolution first,
            CausalConvolution second,
            Shortcut shortcut,
            Tensor firstNoiseScale,
            Tensor secondNoiseScale,
            Tensor table) {
        this.first = first;
        this.second = second;
        this.shortcut = shortcut;
        this.firstNoiseScale = firstNoiseScale;
        this.secondNoiseScale = secondNoiseScale;
        this.table = table;
    }

    static ResidualUnit load(
            long in, long out, boolean injectNoise, boolean conditioned, Borders borders, Weights weights) {
        return new ResidualUnit(
                CausalConvolution.load(in, out, borders, weights.under("conv1")),
                CausalConvolution.load(out, out, borders, weights.under("conv2")),
                in == out ? null : Shortcut.load(in, out, weights),
                injectNoise ? weights.tensor("per_channel_scale1", in, 1, 1) : null,
                injectNoise ? weights.tensor("per_channel_scale2", in, 1, 1) : null,
                conditioned ? weights.tensor("scale_shift_table", MODULATION_ROWS, in) : null);
    }

    /// @param embedding `[B, 4 · C]`, or null if the unit is not conditioned
    Tensor forward(Tensor hidden, Tensor embedding, Conditions conditions) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor rows = table == null ? null : rows(embedding);
            Tensor detail = first.forward(hidden, window -> activated(window, rows, 0), conditions.windows());
            inject(detail, firstNoiseScale, conditions);
            Tensor result = second.forward(detail, window -> activated(window, rows, 2), conditions.windows());
            detail.close();
            inject(result, secondNoiseScale, conditions);
            return scope.keep(result.plusInPlace(shortcut == null ? hidden : shortcut.forward(hidden)));
        }
    }

    /// @return `[B, 4, C, 1, 1, 1]`: shift, scale, shift, scale
    private Tensor rows(Tensor embedding) {
        long channels = table.size(1);
        return embedding
                .view(embedding.size(0), MODULATION_ROWS, channels)
                .plus(table)
                .view(embedding.size(0), MODULATION_ROWS, channels, 1, 1, 1);
    }

    /// Norm, modulation if there is one, silu.
    ///
    /// @param rows     `[B, rows, C, 1, 1, 1]`, or null
    /// @param shiftRow of `rows`; the scale's row follows
    static Tensor activated(Tensor hidden, Tensor rows, int shiftRow) {
        Tensor normalised = PixelNorm.forward(hidden);
        return rows == null
                ? normalised.siluInPlace()
                : normalised
                        .timesInPlace(rows.select(1, shiftRow + 1).plus(1))
                        .plusInPlace(rows.select(1, shiftRow))
                        .siluInPlace();
    }

    private static void inject(Tensor hidden, Tensor scale, Conditions conditions) {
        if (scale != null) {
            conditions.addNoise(hidden, scale);
        }
    }
}
