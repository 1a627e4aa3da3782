package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Euler whose velocity leads on from the previous one.
final class GradientEstimationRun implements Sampler.Run {

    static final String VELOCITY = "velocity"; // of the step before

    private final double gamma;
    private final Masks masks;
    private final StepMemory memory;

    GradientEstimationRun(Sampler.GradientEstimation sampler, Streams<LatentState> states, StepMemory memory) {
        this.gamma = sampler.gamma();
        this.masks = new Masks(states);
        this.memory = memory;
    }

    @Override
    public Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise) {
        try (TensorScope scope = TensorScope.open()) {
            Streams<Tensor> clean =
                    masks.restore(denoise.at(latents, sigma, index).guided());
            if (next == 0) {
                return Streams.keep(scope, clean);
            }
            Streams<Tensor> current =
                    latents.with(clean, (latent, estimate) -> EulerRun.velocity(latent, estimate, sigma));
            Streams<Tensor> corrected =
                    memory.holds(VELOCITY) ? corrected(latents, current, memory.recall(VELOCITY), sigma) : clean;
            memory.remember(VELOCITY, current);
            return Streams.keep(
                    scope,
                    latents.with(corrected, (latent, estimate) -> EulerRun.euler(latent, estimate, sigma, next)));
        }
    }

    /// `x - sigma (v_previous + gamma (v - v_previous))`.
    private Streams<Tensor> corrected(
            Streams<Tensor> latents, Streams<Tensor> current, Streams<Tensor> previous, double sigma) {
        Streams<Tensor> extrapolated = current.with(
                previous, (now, before) -> before.plus(now.minus(before).times(gamma)));
        return latents.with(extrapolated, (latent, velocity) -> latent.minus(velocity.times(sigma)));
    }
}
