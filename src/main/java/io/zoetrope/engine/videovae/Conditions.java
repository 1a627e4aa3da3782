package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;

/// What a decoder is told besides the latent.
///
/// @param timesteps float32 `[B]`, noise level times its scale; null if the decoder is not conditioned on it
/// @param noise     source of injected noise; null if none is
/// @param windows   how the time axis is cut
record Conditions(Tensor timesteps, RandomStream noise, TimeWindows windows) {

    /// Adds one map of noise, scaled per channel, to all frames of `hidden`, in place.
    ///
    /// @param hidden `[B, C, F, H, W]`
    /// @param scale  `[C, 1, 1]`
    void addNoise(Tensor hidden, Tensor scale) {
        if (noise == null) {
            throw new IllegalStateException("a decoder that injects noise, but no source of noise");
        }
        Tensor map =
                noise.normal(DataType.FLOAT32, hidden.size(3), hidden.size(4)).like(hidden);
        hidden.plusInPlace(scale.times(map).unsqueeze(1)); // [C, 1, H, W] onto [B, C, F, H, W]
    }
}
