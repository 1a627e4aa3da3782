package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// What flows from one stream into the other: attention with the target's tokens as queries and the source's as
/// keys.
///
/// Rotation is by time alone. The gate depends on the source's noise level, everything else on each stream's
/// own.
final class Crossing {

    /// The tables' rows: scale and shift of either direction, then the gate of what flows into the table's
    /// stream. Note that scale comes first, unlike in the streams' own tables.
    enum Direction {
        AUDIO_TO_VIDEO(0),
        VIDEO_TO_AUDIO(2);

        private final int scaleRow;

        Direction(int scaleRow) {
            this.scaleRow = scaleRow;
        }

        int scale() {
            return scaleRow;
        }

        int shift() {
            return scaleRow + 1;
        }
    }

    static final int TABLE_ROWS = 5;
    private static final int GATE_ROW = 4;

    private final Direction direction;
    private final double epsilon;
    private final Attention attention;
    private final Tensor targetRows; // [4, D of the target]
    private final Tensor targetGate; // [D of the target]
    private final Tensor sourceRows; // [4, D of the source]

    private Crossing(
            TransformerConfig config, Direction direction, Tensor targetTable, Tensor sourceTable, Weights weights) {
        var attentionConfig = new Attention.Config(
                (int) targetTable.size(1),
                (int) sourceTable.size(1),
                config.heads(),
                config.audio().headWidth(), // the narrower one, in both directions
                config.gatedAttention(),
                config.epsilon());
        this.direction = direction;
        this.epsilon = config.epsilon();
        this.attention = Attention.load(attentionConfig, weights);
        this.targetRows = weights.derived(targetTable.narrow(0, 0, GATE_ROW));
        this.targetGate = weights.derived(targetTable.select(0, GATE_ROW));
        this.sourceRows = weights.derived(sourceTable.narrow(0, 0, GATE_ROW));
    }

    /// @param targetTable `[5, D]`
    /// @param sourceTable `[5, D]`
    static Crossing load(
            TransformerConfig config, Direction direction, Tensor targetTable, Tensor sourceTable, Weights weights) {
        return new Crossing(config, direction, targetTable, sourceTable, weights);
    }

    /// The target with what flows in.
    ///
    /// @param target `[B, T, D]`
    /// @param source `[B, S, D]`
    /// @param keep   for which samples anything flows
    Tensor forward(Tensor target, Tensor source, StreamStep targetStep, StreamStep sourceStep, Keep keep) {
        return switch (keep) {
            case Keep.None _ -> target;
            case Keep.All _ -> flow(target, source, targetStep, sourceStep, gate(targetStep));
            case Keep.Some(Tensor flags) ->
                flow(target, source, targetStep, sourceStep, gate(targetStep).times(flags));
        };
    }

    private Tensor flow(Tensor target, Tensor source, StreamStep targetStep, StreamStep sourceStep, Tensor gate) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor asking = modulate(target, targetStep, targetRows);
            Tensor read = modulate(source, sourceStep, sourceRows);
            Tensor attended = attention.forward(
                    asking,
                    read,
                    targetStep.geometry().cross(),
                    sourceStep.geometry().cross());
            targetStep.trace().see("other.in", asking);
            targetStep.trace().see("other.out", attended);
            return scope.keep(target.plusProduct(gate, attended));
        }
    }

    private Tensor modulate(Tensor hidden, StreamStep step, Tensor rows) {
        return ModulationRows.of(step.crossModulation(), rows)
                .modulate(hidden.rmsNorm(null, epsilon), direction.scale(), direction.shift());
    }

    /// @return `[B, 1, D]`
    private Tensor gate(StreamStep targetStep) {
        return targetStep.crossGate().select(2, 0).plus(targetGate);
    }
}
