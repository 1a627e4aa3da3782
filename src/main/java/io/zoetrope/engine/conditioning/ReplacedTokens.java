package io.zoetrope.engine.conditioning;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;

/// Tokens of the target that are given.
///
/// @param tokens   `[1, n, C]`
/// @param first    where they begin
/// @param strength how much of them stays, 0 to 1
public record ReplacedTokens(Tensor tokens, int first, double strength) implements Conditioning {

    public ReplacedTokens {
        Strength.require(strength);
    }

    @Override
    public LatentState applyTo(LatentState state, int targetTokens) {
        long end = first + tokens.size(1);
        if (first < 0 || end > targetTokens) {
            throw new IllegalArgumentException(
                    "tokens %d to %d are given, expected within the target's %d".formatted(first, end, targetTokens));
        }
        Tensor clean = replaced(state.clean(), tokens.like(state.clean()));
        Tensor given =
                Tensor.full(1 - strength, state.mask().type(), state.mask().device(), 1, tokens.size(1), 1);
        return new LatentState(
                state.latent(),
                clean,
                replaced(state.mask(), given),
                state.positions(),
                state.attention(),
                state.frozen());
    }

    private Tensor replaced(Tensor all, Tensor part) {
        long end = first + part.size(1);
        return Tensor.concatenate(1, all.narrow(1, 0, first), part, all.narrow(1, end, all.size(1) - end));
    }
}
