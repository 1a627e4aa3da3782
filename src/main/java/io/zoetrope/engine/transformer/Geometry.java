package io.zoetrope.engine.transformer;

import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;

/// Where a stream's tokens are, as its attentions need it. Made once per request.
///
/// @param self  among the tokens themselves
/// @param cross towards the other stream: time alone, in seconds, which is what aligns the two
public record Geometry(RotaryTable self, RotaryTable cross) {

    /// Hands the tables to `arena`, so that they outlive the scope they were made in.
    public Geometry keptBy(TensorArena arena) {
        self.keptBy(arena);
        cross.keptBy(arena);
        return this;
    }

    /// Moves the tables to the scope around `scope`.
    Geometry keptBy(TensorScope scope) {
        self.keptBy(scope);
        cross.keptBy(scope);
        return this;
    }
}
