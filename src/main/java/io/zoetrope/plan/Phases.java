package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.RetakenStreams;
import io.zoetrope.request.Sampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the pipelines do in their phases: which LoRAs, which sampler, whose sound.
///
/// Source: docs/model/sampling.md, sections 9 and 10.
record Phases(
        Pipeline pipeline,
        ModelDefaults defaults,
        ModelDescription model,
        List<LoraPlan> loras,
        List<Condition> conditions) {

    /// Steps of the first phase of two-stage-hq, with two evaluations each.
    static final int HQ_STEPS = 15;

    static boolean needsDistilledLora(Pipeline pipeline) {
        return switch (pipeline) {
            case TWO_STAGE, KEYFRAMES, TWO_STAGE_HQ -> true;
            case ONE_STAGE, DISTILLED -> false;
        };
    }

    /// Guidance only of what is made: a stream that is given needs none.
    static Guidance ofWhatIsMade(Guidance guidance, List<Condition> conditions, boolean soundOnly) {
        if (soundOnly) {
            return new Guidance(StreamGuidance.OFF, guidance.audio().withModalityScale(1));
        }
        return new Guidance(
                isPictureGiven(conditions) ? StreamGuidance.OFF : guidance.video(),
                isSoundGiven(conditions) ? StreamGuidance.OFF : guidance.audio());
    }

    /// Whether the picture is kept as it is.
    static boolean isPictureGiven(List<Condition> conditions) {
        return isRetakeOf(RetakenStreams.AUDIO, conditions);
    }

    /// Whether the sound is kept as it is.
    static boolean isSoundGiven(List<Condition> conditions) {
        return conditions.stream().anyMatch(Condition.Audio.class::isInstance)
                || isRetakeOf(RetakenStreams.VIDEO, conditions);
    }

    private static boolean isRetakeOf(RetakenStreams streams, List<Condition> conditions) {
        return conditions.stream()
                .anyMatch(condition -> condition instanceof Condition.Retake retake
                        && retake.streams().orElse(RetakenStreams.BOTH) == streams);
    }

    List<LoraPlan> firstLoras() {
        return pipeline == Pipeline.TWO_STAGE_HQ
                ? withDistilled(loras, distilled().hqStrength(0))
                : loras;
    }

    Refinement refinement(ModelDescription.Upsampler upsampler, GenerationPlan.Video base) {
        // a LoRA that follows references works in the first phase only, as the references do
        List<LoraPlan> kept = hasReference() ? List.of() : loras;
        return new Refinement(
                upsampler.kind(),
                upsampler.name(),
                upsampler.digest(),
                base,
                SchedulePlan.REFINING_STEPS,
                new SchedulePlan.Refining(),
                pipeline == Pipeline.TWO_STAGE_HQ ? Sampler.RES_2S : Sampler.EULER,
                SchedulePlan.REFINING_LEVEL,
                switch (pipeline) {
                    case TWO_STAGE, KEYFRAMES -> withDistilled(kept, distilled().strengthOrDefault());
                    case TWO_STAGE_HQ -> withDistilled(kept, distilled().hqStrength(1));
                    case DISTILLED, ONE_STAGE -> kept;
                },
                pipeline == Pipeline.TWO_STAGE || pipeline == Pipeline.TWO_STAGE_HQ);
    }

    ReferenceFactors referenceFactors() {
        return ReferenceFactors.of(loras, model);
    }

    /// Of the weights that the fullest phase changes.
    long touchedBytes() {
        long wished = loras.stream()
                .flatMap(lora -> model.lora(lora.name()).stream())
                .mapToLong(ModelDescription.Lora::touchedBytes)
                .sum();
        long own = needsDistilledLora(pipeline)
                ? defaults.distilledLora()
                        .flatMap(lora -> model.lora(lora.name()))
                        .map(ModelDescription.Lora::touchedBytes)
                        .orElse(0L)
                : 0;
        return Math.min(wished + own, model.weights().denoise().bytes());
    }

    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (hasReference() && loras.isEmpty()) {
            warnings.add("a reference without a LoRA that was trained to follow it");
        }
        if (pipeline == Pipeline.KEYFRAMES && conditions.stream().noneMatch(Condition.Keyframe.class::isInstance)) {
            warnings.add("pipeline keyframes without pictures to pass through");
        }
        return warnings;
    }

    private boolean hasReference() {
        return conditions.stream().anyMatch(Condition.Reference.class::isInstance);
    }

    private ModelDefaults.DistilledLora distilled() {
        return defaults.distilledLora().orElseThrow();
    }

    private List<LoraPlan> withDistilled(List<LoraPlan> others, double strength) {
        String name = distilled().name();
        Optional<ModelDescription.Lora> lora = model.lora(name);
        return LoraPlanning.with(
                others, new LoraPlan(name, strength, lora.orElseThrow().digest()));
    }
}
