package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Euler whose velocity leads on from the previous one.
final class GradientEstimationRun implements Sampler.Run {

    private final double gamma;
    private final Masks masks;
    private Streams<Tensor> previous; // velocities; null before the first step

    GradientEstimationRun(Sampler.GradientEstimation sampler, Streams<LatentState> states) {
        this.gamma = sampler.gamma();
        this.masks = new Masks(states);
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
            Streams<Tensor> corrected = previous == null ? clean : corrected(latents, current, sigma);
            close();
            previous = current.map(velocity -> velocity.copy().retain());
            return Streams.keep(
                    scope,
                    latents.with(corrected, (latent, estimate) -> EulerRun.euler(latent, estimate, sigma, next)));
        }
    }

    @Override
    public void close() {
        if (previous != null) {
            Streams.close(previous);
            previous = null;
        }
    }

    /// `x - sigma (v_previous + gamma (v - v_previous))`.
    private Streams<Tensor> corrected(Streams<Tensor> latents, Streams<Tensor> current, double sigma) {
        Streams<Tensor> extrapolated = current.with(
                previous, (now, before) -> before.plus(now.minus(before).times(gamma)));
        return latents.with(extrapolated, (latent, velocity) -> latent.minus(velocity.times(sigma)));
    }
}
