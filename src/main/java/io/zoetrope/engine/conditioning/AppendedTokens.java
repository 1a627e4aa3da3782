package io.zoetrope.engine.conditioning;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// Tokens beside the target that it can look at.
///
/// @param tokens    `[1, M, C]`
/// @param positions float32 `[1, axes, M, 2]`
/// @param strength  how much of them stays, 0 to 1
/// @param attention how much the target and these tokens see of each other, 0 to 1; null for wholly, which costs
///                  no matrix if nothing before had one
public record AppendedTokens(Tensor tokens, Tensor positions, double strength, Double attention)
        implements Conditioning {

    public AppendedTokens {
        Strength.require(strength);
        if (attention != null) {
            Strength.require(attention);
        }
    }

    @Override
    public int appended() {
        return Math.toIntExact(tokens.size(1));
    }

    @Override
    public LatentState applyTo(LatentState state, int targetTokens) {
        Tensor clean = tokens.like(state.clean());
        Tensor mask = Tensor.full(1 - strength, DataType.FLOAT32, clean.device(), 1, appended(), 1);
        return new LatentState(
                Tensor.concatenate(1, state.latent(), clean.times(0)),
                Tensor.concatenate(1, state.clean(), clean),
                Tensor.concatenate(1, state.mask(), mask),
                Tensor.concatenate(2, state.positions(), positions.like(state.positions())),
                attention(state, targetTokens),
                state.frozen());
    }

    /// The matrix for the new tokens as well. Those appended earlier and these do not see each other.
    ///
    /// Source: docs/model/conditioning.md, section 2.4.
    private Tensor attention(LatentState state, int targetTokens) {
        if (attention == null && state.attention() == null) {
            return null;
        }
        int before = state.tokens();
        int earlier = before - targetTokens;
        Tensor known = state.attention() == null ? filled(1, state, before, before) : state.attention();
        double weight = attention == null ? 1 : attention;
        Tensor column = Tensor.concatenate(
                1, filled(weight, state, targetTokens, appended()), filled(0, state, earlier, appended()));
        Tensor row = Tensor.concatenate(
                2,
                filled(weight, state, appended(), targetTokens),
                filled(0, state, appended(), earlier),
                filled(1, state, appended(), appended()));
        return Tensor.concatenate(1, Tensor.concatenate(2, known, column), row);
    }

    private static Tensor filled(double value, LatentState state, int rows, int columns) {
        return Tensor.full(value, DataType.FLOAT32, state.latent().device(), 1, rows, columns);
    }
}
