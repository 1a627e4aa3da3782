package io.zoetrope.engine.conditioning;

import io.zoetrope.engine.latent.LatentState;

/// Something given. They are applied in order; a [RegeneratedSpan] sets the whole mask, so it comes first.
public sealed interface Conditioning permits RegeneratedSpan, ReplacedTokens, AppendedTokens {

    /// @param state        before noise
    /// @param targetTokens how many of its tokens are the clip's; they come first
    LatentState applyTo(LatentState state, int targetTokens);

    /// How many tokens it adds.
    default int appended() {
        return 0;
    }
}
