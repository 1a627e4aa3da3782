package io.zoetrope.engine.conditioning;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// Only tokens whose time overlaps `[start, end)` are generated; the initial latent is kept elsewhere.
///
/// @param start seconds
/// @param end   seconds
public record RegeneratedSpan(double start, double end) implements Conditioning {

    public RegeneratedSpan {
        if (!(start < end)) {
            throw new IllegalArgumentException("span from %s s to %s s, expected start < end".formatted(start, end));
        }
    }

    @Override
    public LatentState applyTo(LatentState state, int targetTokens) {
        Tensor time = state.positions().select(1, 0); // [B, T, 2]
        Tensor begins = time.select(-1, 0);
        Tensor ends = time.select(-1, 1);
        Tensor overlaps = ends.greaterThan(start).and(begins.negative().greaterThan(-end));
        return state.withMask(overlaps.to(DataType.FLOAT32).unsqueeze(-1));
    }
}
