package io.zoetrope.plan;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.ModelShape;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.sampling.ClassifierFreeRule;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.request.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A plan in the engine's words.
public final class EngineSettings {

    private EngineSettings() {}

    /// @param loras    by name
    /// @param upsample from the first phase's latent to the second's; null if the plan has one phase
    public static Denoiser.Job denoising(
            GenerationPlan plan,
            ModelShape shape,
            GivenLatents given,
            ReferenceFactors factors,
            Function<String, Lora> loras,
            UnaryOperator<Tensor> upsample) {
        Refinement refinement = plan.refinement();
        GenerationPlan.Video first = refinement == null ? plan.video() : refinement.base();
        List<Denoiser.Phase> phases = new ArrayList<>();
        phases.add(new Denoiser.Phase(
                picture(plan, first),
                new DenoisingLoop.Settings(
                        schedule(plan.schedule()).sigmas(plan.steps()),
                        sampler(plan.sampler(), plan.noise().seed().bits()),
                        new io.zoetrope.engine.sampling.Guidance(
                                stream(plan.guidance().video()),
                                stream(plan.guidance().audio())),
                        GuidanceRules.Spread.PER_CLIP,
                        plan.passesAtOnce()),
                1,
                given(plan, shape, given, factors, 0, first),
                strengths(plan.loras(), loras)));
        if (refinement != null) {
            phases.add(new Denoiser.Phase(
                    picture(plan, plan.video()),
                    new DenoisingLoop.Settings(
                            schedule(refinement.schedule()).sigmas(refinement.steps()),
                            sampler(refinement.sampler(), plan.noise().seed().bits()),
                            io.zoetrope.engine.sampling.Guidance.NONE,
                            GuidanceRules.Spread.PER_CLIP),
                    refinement.noiseScale(),
                    given(plan, shape, given, factors, 1, plan.video()),
                    strengths(refinement.loras(), loras)));
        }
        return new Denoiser.Job(
                plan.video().frames(),
                plan.video().fps(),
                plan.noise().seed().bits(),
                new io.zoetrope.engine.sampling.Noise(
                        io.zoetrope.engine.sampling.Noise.Layout.TOKENS,
                        type(plan.noise().type())),
                phases,
                upsample,
                refinement == null || refinement.keepsBaseSound() ? 0 : 1);
    }

    private static List<LoraStrength> strengths(List<LoraPlan> plans, Function<String, Lora> loras) {
        return plans.stream()
                .map(plan -> new LoraStrength(loras.apply(plan.name()), plan.strength()))
                .toList();
    }

    private static Denoiser.Picture picture(GenerationPlan plan, GenerationPlan.Video video) {
        return plan.soundOnly()
                ? null
                : new Denoiser.Picture(video.frames(), video.height(), video.width(), video.fps());
    }

    private static Streams<Denoiser.Given> given(
            GenerationPlan plan,
            ModelShape shape,
            GivenLatents given,
            ReferenceFactors factors,
            int phase,
            GenerationPlan.Video video) {
        return plan.conditions().isEmpty()
                ? new Streams<>(Denoiser.Given.NOTHING, Denoiser.Given.NOTHING)
                : new PhaseSettings(plan, shape, given, factors, phase, video).streams();
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
            case SchedulePlan.Refining _ -> SigmaSchedule.Fixed.DISTILLED_SECOND_STAGE;
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

    static io.zoetrope.engine.sampling.StreamGuidance stream(StreamGuidance guidance) {
        return new io.zoetrope.engine.sampling.StreamGuidance(
                guidance.guidanceScale(),
                guidance.perturbationScale(),
                Set.copyOf(guidance.perturbedBlocks()),
                guidance.modalityScale(),
                guidance.rescale(),
                guidance.skipStep(),
                switch (guidance.rule()) {
                    case CFG -> new ClassifierFreeRule.Plain();
                    case CFG_STAR -> new ClassifierFreeRule.Star();
                    case APG -> new ClassifierFreeRule.AdaptiveProjected(guidance.eta(), guidance.threshold());
                });
    }
}
