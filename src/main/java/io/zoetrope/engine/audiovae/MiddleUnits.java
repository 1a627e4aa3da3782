package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// What the encoder ends and the decoder begins with, at the latent's size: two residual units, with attention
/// between them if the configuration asks for it.
///
/// @param attention or null
record MiddleUnits(ResidualUnit2d first, PlaneAttention attention, ResidualUnit2d second) {

    /// @param weights of the encoder or decoder
    static MiddleUnits load(AudioVaeConfig config, Weights weights) {
        long channels = config.channels(config.deepestLevel());
        Weights middle = weights.under("mid");
        return new MiddleUnits(
                ResidualUnit2d.load(channels, channels, middle.under("block_1")),
                config.middleAttention() ? PlaneAttention.load(channels, middle.under("attn_1")) : null,
                ResidualUnit2d.load(channels, channels, middle.under("block_2")));
    }

    /// @param hidden `[B, C, T, M]`, closed
    /// @return the same shape
    Tensor forward(Tensor hidden, TracedSteps steps) {
        Tensor current = steps.step("mid.block_1", hidden, first::forward);
        if (attention != null) {
            current = steps.step("mid.attn_1", current, attention::forward);
        }
        return steps.step("mid.block_2", current, second::forward);
    }
}
