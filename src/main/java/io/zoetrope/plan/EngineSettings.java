package io.zoetrope.plan;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.request.Sampler;
import java.util.List;
import java.util.Set;

/// A plan in the engine's words.
public final class EngineSettings {

    private EngineSettings() {}

    public static Denoiser.Job denoising(GenerationPlan plan) {
        Denoiser.Picture picture = new Denoiser.Picture(
                plan.video().frames(),
                plan.video().height(),
                plan.video().width(),
                plan.video().fps());
        Denoiser.Phase phase = Denoiser.Phase.ofNothing(
                picture,
                new DenoisingLoop.Settings(
                        schedule(plan.schedule()).sigmas(plan.steps()),
                        sampler(plan.sampler(), plan.noise().seed().bits()),
                        new io.zoetrope.engine.sampling.Guidance(
                                stream(plan.guidance().video()),
                                stream(plan.guidance().audio())),
                        GuidanceRules.Spread.PER_CLIP));
        return new Denoiser.Job(
                plan.video().frames(),
                plan.video().fps(),
                plan.noise().seed().bits(),
                new io.zoetrope.engine.sampling.Noise(
                        io.zoetrope.engine.sampling.Noise.Layout.TOKENS,
                        type(plan.noise().type())),
                List.of(phase),
                null,
                0);
    }

    public static DataType type(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> DataType.FLOAT32;
            case BFLOAT16 -> DataType.BFLOAT16;
        };
    }

    private static SigmaSchedule schedule(SchedulePlan plan) {
        return switch (plan) {
            case SchedulePlan.Shifted shifted ->
                new SigmaSchedule.Shifted(
                        shifted.tokens(),
                        shifted.maxShift(),
                        shifted.baseShift(),
                        shifted.stretch(),
                        shifted.terminal());
            case SchedulePlan.Distilled _ -> SigmaSchedule.Fixed.DISTILLED;
            case SchedulePlan.LinearQuadratic quadratic ->
                new SigmaSchedule.LinearQuadratic(quadratic.threshold(), quadratic.linearSteps());
            case SchedulePlan.Beta _ -> new SigmaSchedule.Beta();
        };
    }

    private static io.zoetrope.engine.sampling.Sampler sampler(Sampler name, long seed) {
        long ownSeed = seed + io.zoetrope.engine.sampling.Sampler.AncestralEuler.SEED_OFFSET;
        return switch (name) {
            case EULER -> new io.zoetrope.engine.sampling.Sampler.Euler();
            case GRADIENT_ESTIMATION -> io.zoetrope.engine.sampling.Sampler.GradientEstimation.STOCK;
            case ANCESTRAL_EULER -> new io.zoetrope.engine.sampling.Sampler.AncestralEuler(1, 1, ownSeed);
            case CFG_PLUS_PLUS -> new io.zoetrope.engine.sampling.Sampler.EulerCfgPlusPlus(1, 1, ownSeed);
            case RES_2S -> io.zoetrope.engine.sampling.Sampler.SecondOrderExponential.STOCK;
        };
    }

    private static io.zoetrope.engine.sampling.StreamGuidance stream(StreamGuidance guidance) {
        return new io.zoetrope.engine.sampling.StreamGuidance(
                guidance.guidanceScale(),
                guidance.perturbationScale(),
                Set.copyOf(guidance.perturbedBlocks()),
                guidance.modalityScale(),
                guidance.rescale(),
                guidance.skipStep());
    }
}
