package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;

/// Towards the guided prediction, along the direction of the negative one.
final class EulerCfgPlusPlusRun implements Sampler.Run {

    static final String NOISE = "step";

    private static final double SMALLEST = Math.ulp(1f);

    private final Sampler.EulerCfgPlusPlus sampler;
    private final Masks masks;
    private final RandomStream noise;

    EulerCfgPlusPlusRun(Sampler.EulerCfgPlusPlus sampler, Streams<LatentState> states, StepMemory memory) {
        this.sampler = sampler;
        this.masks = new Masks(states);
        this.noise = memory.noise(NOISE, sampler.noiseSeed());
    }

    @Override
    public Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise) {
        Denoise.Prediction prediction = denoise.at(latents, sigma, index);
        Streams<Tensor> clean = masks.restore(prediction.guided());
        if (next == 0) {
            return clean;
        }
        double signal = Math.max(1 - sigma, SMALLEST);
        double nextSignal = Math.max(1 - next, SMALLEST);
        double ratio = sigma / signal;
        double nextRatio = next / nextSignal;
        double up = Math.min(
                nextRatio,
                sampler.eta()
                        * Math.sqrt(nextRatio
                                * nextRatio
                                * Math.max(0, ratio * ratio - nextRatio * nextRatio)
                                / (ratio * ratio)));
        double down = Math.sqrt(Math.max(0, nextRatio * nextRatio - up * up));
        Streams<Tensor> directions = latents.with(
                prediction.unconditional(),
                (latent, negative) -> latent.to(DataType.FLOAT32)
                        .minus(negative.to(DataType.FLOAT32).times(signal))
                        .dividedBy(sigma));
        Streams<Tensor> moved = clean.with(directions, (estimate, direction) -> {
            Tensor next0 = estimate.to(DataType.FLOAT32).times(nextSignal).plus(direction.times(nextSignal * down));
            if (up == 0 || sampler.noiseScale() == 0) {
                return next0.to(estimate.type());
            }
            Tensor drawn = noise.normal(estimate.type(), estimate.shape())
                    .to(estimate.device())
                    .to(DataType.FLOAT32);
            return next0.plus(drawn.times(nextSignal * up * sampler.noiseScale()))
                    .to(estimate.type());
        });
        // What was given is disturbed by noise only; the prediction holds it already.
        return sampler.eta() == 0 ? moved : masks.restore(moved);
    }
}
