package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// `x + (x - x0) / sigma · (next - sigma)`.
final class EulerRun implements Sampler.Run {

    private final Masks masks;

    EulerRun(Streams<LatentState> states) {
        this.masks = new Masks(states);
    }

    @Override
    public Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise) {
        Streams<Tensor> clean = masks.restore(denoise.at(latents, sigma, index).guided());
        return latents.with(clean, (latent, estimate) -> euler(latent, estimate, sigma, next));
    }

    /// Velocity and sum in float32, each rounded to the state's type.
    static Tensor euler(Tensor latent, Tensor clean, double sigma, double next) {
        return along(latent, velocity(latent, clean, sigma), sigma, next);
    }

    static Tensor velocity(Tensor latent, Tensor clean, double sigma) {
        return latent.to(DataType.FLOAT32)
                .minus(clean.to(DataType.FLOAT32))
                .dividedBy(sigma)
                .to(latent.type());
    }

    private static Tensor along(Tensor latent, Tensor velocity, double sigma, double next) {
        double distance = (float) next - (float) sigma;
        return latent.to(DataType.FLOAT32)
                .plus(velocity.to(DataType.FLOAT32).times(distance))
                .to(latent.type());
    }
}
