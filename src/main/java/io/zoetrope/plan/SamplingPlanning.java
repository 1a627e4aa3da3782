package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.FieldType.Whole;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.GuidanceRule;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Schedule;
import java.util.List;
import java.util.Optional;

/// Guidance, noise levels and steps of one request's first phase.
final class SamplingPlanning {

    private final GenerationRequest request;
    private final ModelDescription model;
    private final ModelDefaults defaults;
    private final Pipeline pipeline;
    private final List<Problem> problems;

    /// @param problems to which what is wrong is added
    SamplingPlanning(GenerationRequest request, OfferedModel offered, Pipeline pipeline, List<Problem> problems) {
        this.request = request;
        this.model = offered.description();
        this.defaults = offered.defaults();
        this.pipeline = pipeline;
        this.problems = problems;
    }

    /// @param conditions resolved
    Guidance guidance(List<Condition> conditions) {
        if (pipeline == Pipeline.DISTILLED) {
            request.guidance()
                    .ifPresent(
                            _ -> refuse("guidance", "conflict", null, "no guidance for the distilled pipeline", null));
            return Guidance.OFF;
        }
        Guidance stock = pipeline == Pipeline.TWO_STAGE_HQ ? defaults.guidance().forHighQuality() : defaults.guidance();
        Guidance guidance = stock.with(request.guidance());
        requireBlocks("video", guidance.video());
        requireBlocks("audio", guidance.audio());
        request.guidance()
                .flatMap(GenerationRequest.Guidance::video)
                .ifPresent(wish -> refuseParametersOfAnotherRule(
                        "guidance.video", wish, guidance.video().rule()));
        request.guidance()
                .flatMap(GenerationRequest.Guidance::audio)
                .ifPresent(wish -> refuseParametersOfAnotherRule(
                        "guidance.audio", wish, guidance.audio().rule()));
        refuseGuidanceOfWhatIsGiven(conditions);
        return Phases.ofWhatIsMade(
                guidance, conditions, request.outputOrDefault().soundOnly());
    }

    private void requireBlocks(String stream, StreamGuidance guidance) {
        ModelDefaults.requireBlocks(stream, guidance, problems);
        Whole blocks = new Whole(0, model.transformer().blocks() - 1);
        for (int block : guidance.perturbedBlocks()) {
            if (!blocks.contains(block)) {
                refuse(
                        "guidance.%s.blocks".formatted(stream),
                        "out-of-range",
                        Integer.toString(block),
                        blocks.allowed(),
                        blocks.nearest(block));
            }
        }
    }

    private void refuseParametersOfAnotherRule(
            String stream, GenerationRequest.StreamGuidance wish, GuidanceRule rule) {
        if (rule == GuidanceRule.APG) {
            return;
        }
        String allowed = "rule apg with it, the rule is " + rule;
        wish.eta().ifPresent(eta -> refuse(stream + ".eta", "conflict", eta.toString(), allowed, null));
        wish.threshold()
                .ifPresent(threshold -> refuse(stream + ".threshold", "conflict", threshold.toString(), allowed, null));
    }

    /// A stream that is given, or not there, cannot be steered.
    private void refuseGuidanceOfWhatIsGiven(List<Condition> conditions) {
        Optional<GenerationRequest.StreamGuidance> video =
                request.guidance().flatMap(GenerationRequest.Guidance::video);
        Optional<GenerationRequest.StreamGuidance> audio =
                request.guidance().flatMap(GenerationRequest.Guidance::audio);
        if (request.outputOrDefault().soundOnly()) {
            video.ifPresent(_ ->
                    refuse("guidance.video", "conflict", null, "no guidance of the picture for sound alone", null));
            audio.flatMap(GenerationRequest.StreamGuidance::modalityScale)
                    .filter(scale -> scale != 1)
                    .ifPresent(scale -> refuse(
                            "guidance.audio.modality",
                            "conflict",
                            scale.toString(),
                            "1 for sound alone: there is no picture to be apart from",
                            "1"));
        }
        if (video.isPresent() && Phases.isPictureGiven(conditions)) {
            refuse("guidance.video", "conflict", null, "no guidance of a picture that is kept", null);
        }
        if (audio.isPresent() && Phases.isSoundGiven(conditions)) {
            refuse("guidance.audio", "conflict", null, "no guidance of a sound that is given", null);
        }
    }

    Schedule schedule() {
        Schedule stock = switch (pipeline) {
            case DISTILLED -> Schedule.DISTILLED;
            case TWO_STAGE_HQ -> Schedule.SHIFTED_TOKENS;
            case ONE_STAGE, TWO_STAGE, KEYFRAMES -> defaults.schedule();
        };
        Schedule schedule = request.schedule().orElse(stock);
        if (pipeline == Pipeline.DISTILLED && schedule != Schedule.DISTILLED) {
            refuse(
                    "schedule",
                    "conflict",
                    schedule.label(),
                    "the levels that a distilled model was made for",
                    Schedule.DISTILLED.label());
        }
        if (request.outputOrDefault().soundOnly() && schedule == Schedule.SHIFTED_TOKENS) {
            if (request.schedule().isPresent()) {
                refuse(
                        "schedule",
                        "conflict",
                        schedule.label(),
                        "a schedule that does not count a picture's tokens, for sound alone",
                        Schedule.SHIFTED.label());
            }
            return Schedule.SHIFTED;
        }
        return schedule;
    }

    int steps(Schedule schedule) {
        if (schedule == Schedule.DISTILLED) {
            request.steps()
                    .ifPresent(steps -> refuse(
                            "steps",
                            "conflict",
                            steps.toString(),
                            "no steps: the distilled schedule has %d of its own"
                                    .formatted(SchedulePlan.DISTILLED_STEPS),
                            null));
            return SchedulePlan.DISTILLED_STEPS;
        }
        int steps = request.steps().orElse(pipeline == Pipeline.TWO_STAGE_HQ ? Phases.HQ_STEPS : defaults.steps());
        int fewest = SchedulePlan.fewestSteps(schedule);
        if (steps < fewest) {
            refuse(
                    "steps",
                    "out-of-range",
                    Integer.toString(steps),
                    "at least %d steps for the %s schedule".formatted(fewest, schedule),
                    Integer.toString(fewest));
        }
        return steps;
    }

    Sampler sampler(Guidance guidance) {
        Sampler stock = switch (pipeline) {
            case TWO_STAGE_HQ -> Sampler.RES_2S;
            case DISTILLED ->
                ModelVersion.of(model.version()).isAtLeast(2, 5) ? Sampler.ANCESTRAL_EULER : defaults.sampler();
            case ONE_STAGE, TWO_STAGE, KEYFRAMES -> defaults.sampler();
        };
        Sampler sampler = request.sampler().orElse(stock);
        if (pipeline == Pipeline.TWO_STAGE_HQ && sampler != Sampler.RES_2S) {
            refuse(
                    "sampler",
                    "conflict",
                    sampler.label(),
                    "the second-order sampler, which makes the pipeline two-stage-hq",
                    Sampler.RES_2S.label());
        }
        if (sampler == Sampler.CFG_PLUS_PLUS && guidance.contexts() == 1) {
            refuse(
                    "sampler",
                    "conflict",
                    sampler.label(),
                    "guidance with cfg other than 1, for an unconditional estimate",
                    null);
        }
        boolean pictureIsSkipped =
                request.outputOrDefault().soundOnly() || guidance.video().skipStep() > 0;
        if (sampler == Sampler.CFG_PLUS_PLUS
                && pictureIsSkipped
                && guidance.audio().skipStep() > 0) {
            refuse(
                    "guidance.audio.skip_step",
                    "conflict",
                    Integer.toString(guidance.audio().skipStep()),
                    "0 here or for the picture: the sampler %s needs a prediction in every step"
                            .formatted(sampler.label()),
                    "0");
        }
        return sampler;
    }

    private void refuse(String field, String code, String value, String allowed, String nearest) {
        problems.add(new Problem(field, code, value, allowed, nearest));
    }
}
