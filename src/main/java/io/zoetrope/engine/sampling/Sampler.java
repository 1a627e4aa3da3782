package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;
import java.util.Set;

/// How latents move from one noise level to the next. Source: docs/model/sampling.md, section 8.
public sealed interface Sampler {

    /// Straight along the velocity. The default.
    record Euler() implements Sampler {
        @Override
        public Run start(Streams<LatentState> states, StepMemory memory) {
            return new EulerRun(states);
        }
    }

    /// Euler with a velocity extrapolated from the last two.
    record GradientEstimation(double gamma) implements Sampler {
        public static final GradientEstimation STOCK = new GradientEstimation(2);

        @Override
        public Run start(Streams<LatentState> states, StepMemory memory) {
            return new GradientEstimationRun(this, states, memory);
        }

        @Override
        public Set<String> remembered() {
            return Set.of(GradientEstimationRun.VELOCITY);
        }
    }

    /// Euler a bit too far down, then noise back up.
    ///
    /// @param eta        how much of the noise is drawn anew, 0 to 1
    /// @param noiseScale factor of that noise
    /// @param noiseSeed  of its stream
    record AncestralEuler(double eta, double noiseScale, long noiseSeed) implements Sampler {

        /// What is added to the request's seed in the stock pipelines.
        public static final long SEED_OFFSET = 10_000;

        @Override
        public Run start(Streams<LatentState> states, StepMemory memory) {
            return new AncestralEulerRun(this, states, memory);
        }

        @Override
        public Set<String> noises() {
            return Set.of(AncestralEulerRun.NOISE);
        }
    }

    /// CFG++: the direction comes from the negative prediction.
    record EulerCfgPlusPlus(double eta, double noiseScale, long noiseSeed) implements Sampler {
        @Override
        public Run start(Streams<LatentState> states, StepMemory memory) {
            return new EulerCfgPlusPlusRun(this, states, memory);
        }

        @Override
        public Set<String> noises() {
            return Set.of(EulerCfgPlusPlusRun.NOISE);
        }

        @Override
        public boolean needsUnconditional() {
            return true;
        }
    }

    /// res_2s: an exponential integrator of second order, two evaluations per step, in float64.
    ///
    /// @param eta        share of noise injected after a step
    /// @param substepEta share of noise injected in the middle of a step
    /// @param refinement repetitions that refine the anchor of short steps; 0 for none
    /// @param noiseSeed  of the steps' stream; the substeps' is that plus 10000
    record SecondOrderExponential(double eta, double substepEta, int refinement, long noiseSeed) implements Sampler {

        public static final SecondOrderExponential STOCK = new SecondOrderExponential(0.5, 0.5, 100, -1);
        static final long SUBSTEP_SEED_OFFSET = 10_000;
        static final float LAST_LEVEL = 0.0011f;

        @Override
        public Run start(Streams<LatentState> states, StepMemory memory) {
            return new SecondOrderExponentialRun(this, states, memory);
        }

        @Override
        public Set<String> noises() {
            return Set.of(SecondOrderExponentialRun.STEP_NOISE, SecondOrderExponentialRun.SUBSTEP_NOISE);
        }

        /// A schedule that ends in 0 passes 0.0011 before.
        @Override
        public float[] levels(float[] sigmas) {
            if (sigmas[sigmas.length - 1] != 0) {
                return sigmas;
            }
            float[] levels = java.util.Arrays.copyOf(sigmas, sigmas.length + 1);
            levels[sigmas.length - 1] = LAST_LEVEL;
            levels[sigmas.length] = 0;
            return levels;
        }
    }

    /// Begins a run.
    ///
    /// @param states the masks and given contents; the latents are handed to each step
    /// @param memory for all that lives from step to step; what it holds already is gone on from
    Run start(Streams<LatentState> states, StepMemory memory);

    /// Whether steps need the prediction with the negative prompt by itself.
    default boolean needsUnconditional() {
        return false;
    }

    /// Names of the tensors that a run has in its memory after every step but the last, one of each stream.
    default Set<String> remembered() {
        return Set.of();
    }

    /// Names of the random streams that a run has in its memory.
    default Set<String> noises() {
        return Set.of();
    }

    /// The levels that the sampler passes for a schedule.
    default float[] levels(float[] sigmas) {
        return sigmas;
    }

    /// One pass through the levels.
    interface Run {

        /// @param latents at `sigma`
        /// @param next    the level to reach
        /// @return the latents at `next`
        Streams<Tensor> step(int index, double sigma, double next, Streams<Tensor> latents, Denoise denoise);
    }
}
