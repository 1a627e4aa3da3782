package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Set;

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

    /// A stream on either side.
    ///
    /// @param normalised `[B, T, D]`
    record Side(Tensor normalised, StreamStep step) {}

    static final int TABLE_ROWS = 5;
    static final int GATE_ROW = 4;

    /// Rows that scale.
    static final Set<Integer> SCALES = Set.of(Direction.AUDIO_TO_VIDEO.scale(), Direction.VIDEO_TO_AUDIO.scale());

    private final Direction direction;
    private final Attention attention;

    private Crossing(Direction direction, Attention attention) {
        this.direction = direction;
        this.attention = attention;
    }

    static Crossing load(TransformerConfig config, Direction direction, Weights weights) {
        boolean toVideo = direction == Direction.AUDIO_TO_VIDEO;
        var attention = new Attention.Config(
                (toVideo ? config.video() : config.audio()).width(),
                (toVideo ? config.audio() : config.video()).width(),
                config.heads(),
                config.audio().headWidth(), // the narrower one, in both directions
                config.gatedAttention(),
                config.epsilon());
        return new Crossing(direction, Attention.load(attention, weights));
    }

    /// The target with what flows in.
    ///
    /// @param target `[B, T, D]`
    /// @param keep   for which samples anything flows, at least one
    Tensor forward(Tensor target, Side asking, Side read, Keep keep) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor queries = modulate(asking);
            Tensor attended = attention.forward(
                    queries,
                    modulate(read),
                    asking.step().geometry().cross(),
                    read.step().geometry().cross());
            asking.step().trace().see("other.in", queries);
            asking.step().trace().see("other.out", attended);
            return scope.keep(target.plusProduct(gate(asking.step(), keep), attended));
        }
    }

    private Tensor modulate(Side side) {
        return side.step().cross().modulate(side.normalised(), direction.scale(), direction.shift());
    }

    /// @return `[B or 1, 1, D]`
    private static Tensor gate(StreamStep targetStep, Keep keep) {
        Tensor gate = targetStep.gate().row(0);
        return keep instanceof Keep.Some(Tensor flags) ? gate.times(flags) : gate;
    }
}
