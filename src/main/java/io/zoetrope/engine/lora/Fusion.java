package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.List;
import java.util.stream.LongStream;

/// Adds changes to one weight: `W' = W + sum of strength · B · A`.
///
/// Source: docs/model/checkpoints.md, section 6.
final class Fusion {

    /// @param down     A, `[rank, in]`
    /// @param up       B, `[out, rank]`
    /// @param strength factor of their product
    record Change(Tensor down, Tensor up, double strength) {}

    private Fusion() {}

    /// The changed weight, in the form and on the device of the one given, which stays as it is.
    ///
    /// @param changes in the order of adding, which matters to rounding
    /// @param arena   owns the result
    static LinearWeight fuse(LinearWeight base, List<Change> changes, FusionRule rule, TensorArena arena) {
        try (TensorScope _ = TensorScope.open()) {
            return switch (base) {
                case LinearWeight.Plain plain ->
                    new LinearWeight.Plain(arena.own(
                            fused(plain, changes, rule).to(plain.stored().type())));
                case LinearWeight.Cast cast ->
                    new LinearWeight.Cast(arena.own(LinearWeight.rounded(fused(cast, changes, rule))));
                case LinearWeight.Scaled scaled -> rescaled(scaled, delta(scaled, changes, rule), arena);
            };
        }
    }

    private static Tensor fused(LinearWeight base, List<Change> changes, FusionRule rule) {
        return delta(base, changes, rule).plus(base.as(type(rule)));
    }

    /// With a scale of its own, so that the greatest element fills fp8's range.
    private static LinearWeight rescaled(LinearWeight.Scaled base, Tensor delta, TensorArena arena) {
        Tensor wide = base.as(DataType.FLOAT32).plus(delta.to(DataType.FLOAT32));
        long[] axes = LongStream.range(0, wide.rank()).toArray();
        Tensor greatest = wide.absolute().maximum(axes).reshape();
        Tensor scale = greatest.dividedBy(LinearWeight.GREATEST_FLOAT8);
        Tensor divisor = greatest.item() == 0 ? Tensor.ones(scale.type(), scale.device()) : scale;
        return new LinearWeight.Scaled(
                arena.own(LinearWeight.rounded(wide.dividedBy(divisor))), arena.own(divisor), base.inputScale());
    }

    /// @return `[out, in]`, in the rule's type, on the weight's device
    private static Tensor delta(LinearWeight base, List<Change> changes, FusionRule rule) {
        DataType type = type(rule);
        Tensor sum = null;
        for (Change change : changes) {
            Tensor down = change.down().to(base.stored().device(), type);
            Tensor up = change.up().to(base.stored().device(), type);
            // The reference scales B of the first change, and the others' products while it adds them.
            sum = sum == null ? up.times(change.strength()).matmul(down) : sum.plusMatmul(up, down, change.strength());
        }
        return sum;
    }

    private static DataType type(FusionRule rule) {
        return switch (rule) {
            case EXACT -> DataType.FLOAT32;
            case BFLOAT16 -> DataType.BFLOAT16;
        };
    }
}
