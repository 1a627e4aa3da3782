package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// What a stream brings to one evaluation, all on the transformer's device.
///
/// All but the latent may have a batch of 1, which stands for all samples and is computed once.
///
/// @param latent    noisy tokens, `[B, T, C]`
/// @param sigma     noise level of the stream, float32 `[B]`, 0 to 1; 0 for a frozen stream
/// @param timesteps noise level per token, float32 `[B, T, 1]`, or `[B, 1, 1]` where all tokens of a sample
///                  share one, which costs far less
/// @param geometry  where the tokens are, from [Transformer#videoGeometry] or [Transformer#audioGeometry]
/// @param text      what they shall become, from [Transformer#videoText] or [Transformer#audioText]
/// @param selfMask  from [Transformer#selfMask], `[B, 1, T, T]`; null if every token sees every other
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
        latent.requireShape("latent", Tensor.ANY, Tensor.ANY, Tensor.ANY);
        long batch = latent.size(0);
        long tokens = latent.size(1);
        sigma.requireShape("sigma", samples(sigma, batch));
        boolean shared = timesteps.rank() > 1 && timesteps.size(1) == 1;
        timesteps.requireShape("timesteps", samples(timesteps, batch), shared ? 1 : tokens, 1);
        if (selfMask != null) {
            selfMask.requireShape("self-attention mask", samples(selfMask, batch), 1, tokens, tokens);
        }
    }

    private static long samples(Tensor tensor, long batch) {
        return tensor.rank() > 0 && tensor.size(0) == 1 ? 1 : batch;
    }

    /// A stream that sees all of itself and is to be changed.
    public StreamInput(Tensor latent, Tensor sigma, Tensor timesteps, Geometry geometry, StreamText text) {
        this(latent, sigma, timesteps, geometry, text, null, true);
    }

    long batch() {
        return latent.size(0);
    }
}
