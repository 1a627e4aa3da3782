package io.zoetrope.engine.sampling;

import io.zoetrope.engine.tensor.Tensor;

/// The estimate of the clean latents that a sampler works with.
@FunctionalInterface
public interface Denoise {

    /// @param guided        what the sampler moves towards
    /// @param unconditional the prediction with the negative prompt, where a sampler wants it; else null
    record Prediction(Streams<Tensor> guided, Streams<Tensor> unconditional) {}

    /// @param latents `[B, T, C]` each
    /// @param sigma   their noise level
    /// @param step    number of the step, from 0
    Prediction at(Streams<Tensor> latents, double sigma, int step);
}
