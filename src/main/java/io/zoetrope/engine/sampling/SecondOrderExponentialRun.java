package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.sampling.Sampler.SecondOrderExponential;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Two evaluations per step of an exponential integrator, noise injected after each. State arithmetic in float64.
final class SecondOrderExponentialRun implements Sampler.Run {

    static final String STEP_NOISE = "step";
    static final String SUBSTEP_NOISE = "substep";

    private static final double SHORT_STEP = 0.5;
    private static final double REFINED_ABOVE = 0.03;
    private static final double LARGEST_SHARE = 0.9999;
    private static final double TAYLOR_BELOW = 1e-10;

    private final SecondOrderExponential sampler;
    private final Masks masks;
    private final RandomStream stepNoise;
    private final RandomStream substepNoise;

    SecondOrderExponentialRun(SecondOrderExponential sampler, Streams<LatentState> states, StepMemory memory) {
        this.sampler = sampler;
        this.masks = new Masks(states);
        this.stepNoise = memory.noise(STEP_NOISE, sampler.noiseSeed());
        this.substepNoise =
                memory.noise(SUBSTEP_NOISE, sampler.noiseSeed() + SecondOrderExponential.SUBSTEP_SEED_OFFSET);
    }

    @Override
    public Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise) {
        try (TensorScope scope = TensorScope.open()) {
            if (next == 0) {
                return Streams.keep(
                        scope, masks.restore(denoise.at(latents, sigma, index).guided()));
            }
            double h = -Math.log(next / sigma);
            double half = 0.5 * phi1(-h / 2);
            double second = 2 * phi2(-h);
            double first = phi1(-h) - second;
            double middle = Math.sqrt(sigma * next);

            Streams<Tensor> anchor = latents.map(SecondOrderExponentialRun::wide);
            Streams<Tensor> estimate =
                    wide(masks.restore(denoise.at(latents, sigma, index).guided()));
            Streams<Tensor> slope = difference(estimate, anchor);
            Streams<Tensor> substep =
                    inject(anchor, along(anchor, slope, h * half), sigma, middle, sampler.substepEta(), substepNoise);
            if (h < SHORT_STEP && sigma > REFINED_ABOVE) {
                for (int repetition = 0; repetition < sampler.refinement(); repetition++) {
                    anchor = along(substep, slope, -h * half);
                    slope = difference(estimate, anchor);
                }
            }
            Streams<Tensor> narrowed = substep.with(latents, (tensor, latent) -> tensor.to(latent.type()));
            Streams<Tensor> secondEstimate =
                    wide(masks.restore(denoise.at(narrowed, middle, index).guided()));
            Streams<Tensor> secondSlope = difference(secondEstimate, anchor);
            Streams<Tensor> moved = along(along(anchor, slope, h * first), secondSlope, h * second);
            Streams<Tensor> injected = inject(anchor, moved, sigma, next, sampler.eta(), stepNoise);
            return Streams.keep(scope, injected.with(latents, (tensor, latent) -> tensor.to(latent.type())));
        }
    }

    /// Exchanges part of what is left of the old noise for new noise; given content is put back.
    private Streams<Tensor> inject(
            Streams<Tensor> sample,
            Streams<Tensor> denoised,
            double sigma,
            double next,
            double eta,
            RandomStream noise) {
        double up = Math.min(eta * next, LARGEST_SHARE * next);
        if (up == 0 || next == 0) {
            return masks.restore(denoised);
        }
        double rest = Math.sqrt(next * next - up * up);
        double alpha = (1 - next) + rest;
        double down = rest / alpha;
        return masks.restore(sample.with(denoised, (before, after) -> {
            Tensor direction = before.minus(after).dividedBy(sigma - next);
            Tensor clean = before.minus(direction.times(sigma));
            Tensor drawn =
                    normalised(noise.normal(DataType.FLOAT64, before.shape())).to(before.device());
            return clean.plus(direction.times(down)).times(alpha).plus(drawn.times(up));
        }));
    }

    /// Zero mean and unit deviation over everything, then over each item.
    private static Tensor normalised(Tensor noise) {
        Tensor whole = noise.minus(noise.mean(0, 1, 2)).dividedBy(noise.standardDeviation());
        return whole.minus(whole.mean(1, 2)).dividedBy(whole.standardDeviation(1, 2));
    }

    private static double phi1(double z) {
        return Math.abs(z) < TAYLOR_BELOW ? 1 : Math.expm1(z) / z;
    }

    private static double phi2(double z) {
        return Math.abs(z) < TAYLOR_BELOW ? 0.5 : (Math.expm1(z) - z) / (z * z);
    }

    private static Tensor wide(Tensor tensor) {
        return tensor.to(DataType.FLOAT64);
    }

    private static Streams<Tensor> wide(Streams<Tensor> tensors) {
        return tensors.map(SecondOrderExponentialRun::wide);
    }

    private static Streams<Tensor> difference(Streams<Tensor> target, Streams<Tensor> anchor) {
        return target.with(anchor, Tensor::minus);
    }

    private static Streams<Tensor> along(Streams<Tensor> anchor, Streams<Tensor> slope, double length) {
        return anchor.with(slope, (point, direction) -> point.plus(direction.times(length)));
    }
}
