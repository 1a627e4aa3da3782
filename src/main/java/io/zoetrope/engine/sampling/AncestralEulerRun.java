package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;

/// Euler below the next level, then up to it with new noise.
final class AncestralEulerRun implements Sampler.Run {

    static final String NOISE = "step";

    private final Sampler.AncestralEuler sampler;
    private final Masks masks;
    private final RandomStream noise;

    AncestralEulerRun(Sampler.AncestralEuler sampler, Streams<LatentState> states, StepMemory memory) {
        this.sampler = sampler;
        this.masks = new Masks(states);
        this.noise = memory.noise(NOISE, sampler.noiseSeed());
    }

    @Override
    public Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise) {
        Streams<Tensor> clean = masks.restore(denoise.at(latents, sigma, index).guided());
        if (next == 0) {
            return clean;
        }
        double down = next * (1 + (next / sigma - 1) * sampler.eta());
        double share = (1 - next) / (1 - down);
        double up = Math.sqrt(Math.max(0, next * next - down * down * share * share));
        Streams<Tensor> moved = latents.with(clean, (latent, estimate) -> {
            Tensor below = latent.to(DataType.FLOAT32)
                    .times(down / sigma)
                    .plus(estimate.to(DataType.FLOAT32).times(1 - down / sigma));
            if (sampler.eta() == 0) {
                return below.to(latent.type());
            }
            Tensor drawn = noise.normal(latent.type(), latent.shape())
                    .to(latent.device())
                    .to(DataType.FLOAT32);
            return below.times(share)
                    .plus(drawn.times(sampler.noiseScale() * up))
                    .to(latent.type());
        });
        return masks.restore(moved);
    }
}
