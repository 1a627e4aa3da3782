package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// The residual units of one level of the encoder or decoder, each followed by attention where the level has it.
record LevelUnits(List<Unit> units) {

    /// @param attention or null
    record Unit(ResidualUnit2d residual, PlaneAttention attention) {

        /// @return `[B, C', T, M]`, new
        Tensor forward(Tensor hidden) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor detailed = residual.forward(hidden);
                return scope.keep(attention == null ? detailed : attention.forward(detailed));
            }
        }
    }

    /// @param in      channels of what comes into the level
    /// @param count   number of units
    /// @param weights of the level
    static LevelUnits load(AudioVaeConfig config, int level, long in, int count, Weights weights) {
        long width = config.channels(level);
        List<Unit> units = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            units.add(new Unit(
                    ResidualUnit2d.load(index == 0 ? in : width, width, weights.under("block", index)),
                    config.hasAttention(level) ? PlaneAttention.load(width, weights.under("attn", index)) : null));
        }
        return new LevelUnits(List.copyOf(units));
    }

    /// @param name   of the level
    /// @param hidden `[B, C, T, M]`, closed
    /// @return `[B, C', T, M]`
    Tensor forward(String name, Tensor hidden, TracedSteps steps) {
        Tensor current = hidden;
        for (int index = 0; index < units.size(); index++) {
            current = steps.step(name + ".block." + index, current, units.get(index)::forward);
        }
        return current;
    }
}
