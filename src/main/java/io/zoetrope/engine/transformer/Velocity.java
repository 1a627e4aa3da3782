package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// The network's answer for both streams: where the noise leads.
///
/// @param video `[B, T, C]`, null without picture
/// @param audio `[B, T, C]`, null without sound
public record Velocity(Tensor video, Tensor audio) {

    /// The estimate of the clean latent, `latent - velocity · timestep` per token, in float32 and then in the
    /// latent's type. A token at noise level 0 is returned as it is.
    ///
    /// @param latent    `[B, T, C]`
    /// @param velocity  `[B, T, C]`
    /// @param timesteps float32 `[B, T or 1, 1]`
    public static Tensor denoised(Tensor latent, Tensor velocity, Tensor timesteps) {
        return latent.to(DataType.FLOAT32)
                .minus(velocity.to(DataType.FLOAT32).times(timesteps))
                .to(latent.type());
    }
}
