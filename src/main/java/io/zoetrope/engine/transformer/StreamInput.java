package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// What a stream brings to one evaluation.
///
/// @param latent    noisy tokens, `[B, T, C]`
/// @param sigma     noise level of the stream, float32 `[B]`, 0 to 1; 0 for a frozen stream
/// @param timesteps noise level per token, float32 `[B, T, 1]`, or `[B, 1, 1]` where all tokens of a sample share
///         one
/// @param geometry  where the tokens are
/// @param text      what they shall become
/// @param selfMask  weight of each token for each other in [0, 1], `[B, T, T]`; null for all 1
/// @param enabled   whether this evaluation changes the stream; if not, the other one still reads it
public record StreamInput(
        Tensor latent,
        Tensor sigma,
        Tensor timesteps,
        Geometry geometry,
        StreamText text,
        Tensor selfMask,
        boolean enabled) {

    public StreamInput {
        long batch = latent.size(0);
        sigma.requireShape("sigma", batch);
        boolean shared = timesteps.size(1) == 1;
        timesteps.requireShape("timesteps", batch, shared ? 1 : latent.size(1), 1);
        if (selfMask != null) {
            selfMask.requireShape("self-attention mask", batch, latent.size(1), latent.size(1));
        }
    }
}
