package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.Enhancement;
import io.zoetrope.request.FieldType.Whole;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.NoiseType;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Schedule;
import io.zoetrope.request.Seed;
import io.zoetrope.request.Upsampler;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Planning one request: resolves field by field and collects what is wrong.
final class RequestPlanning {

    private final GenerationRequest request;
    private final ModelDescription model;
    private final ModelDefaults defaults;
    private final TokenCounter tokens;
    private final ComputeDevice device;
    private final ClipPlanning clip;
    private final List<Problem> problems;

    /// @param problems those found by the reader; more are added here
    RequestPlanning(GenerationRequest request, OfferedModel offered, ComputeDevice device, List<Problem> problems) {
        this.request = request;
        this.model = offered.description();
        this.defaults = offered.defaults();
        this.tokens = offered.tokens();
        this.device = device;
        this.clip = new ClipPlanning(request, offered, device, problems);
        this.problems = problems;
    }

    PlanOutcome plan(Supplier<Seed> seeds) {
        String prompt = prompt();
        String negativePrompt = request.negativePrompt().orElse(defaults.negativePrompt());
        requireTokens("negative_prompt", negativePrompt);
        Pipeline pipeline = pipeline();
        Optional<ModelDescription.Upsampler> upsampler = upsampler(pipeline);
        Optional<Upsampler> growth = upsampler.map(ModelDescription.Upsampler::kind);
        List<LoraPlan> loras = new LoraPlanning(request, model, problems).loras();
        Optional<GenerationPlan.Video> video = clip.video(pipeline, growth);
        List<Condition> conditions =
                new ConditionPlanning(request, model, pipeline, problems).conditions(video.orElse(null));
        Guidance guidance = guidance(pipeline, conditions);
        Schedule schedule = schedule(pipeline);
        int steps = steps(schedule, pipeline);
        Sampler sampler = sampler(guidance, pipeline);
        Phases phases = new Phases(pipeline, defaults, model, loras, conditions);
        GivenContent given =
                new GivenContent(conditions, phases.referenceFactors().spatial(), upsampler, phases.touchedBytes());
        Optional<StageMemory> memory = video.map(picture -> clip.memory(picture, growth, guidance, given));
        if (!problems.isEmpty()) {
            return new PlanOutcome.Refused(problems);
        }
        GenerationPlan.Video whole = video.orElseThrow();
        GenerationPlan.Video first = growth.map(kind -> clip.base(whole, kind)).orElse(whole);
        return new PlanOutcome.Planned(new GenerationPlan(
                prompt,
                negativePrompt,
                new GenerationPlan.Model(model.name(), model.version(), model.digest()),
                pipeline,
                whole,
                clip.audio(whole),
                GenerationPlan.Noise.of(request.seed().orElseGet(seeds), noiseType()),
                device.precision(),
                steps,
                SchedulePlan.of(schedule, steps, first.tokens()),
                sampler,
                guidance,
                request.outputOrDefault().soundOnly(),
                conditions,
                phases.firstLoras(),
                upsampler.map(chosen -> phases.refinement(chosen, first)).orElse(null),
                request.enhancePrompt().orElse(Enhancement.OFF),
                phases.warnings(),
                memory.orElseThrow()));
    }

    private Precision noiseType() {
        return switch (request.noiseType().orElse(NoiseType.FLOAT32)) {
            case FLOAT32 -> Precision.FLOAT32;
            case BFLOAT16 -> Precision.BFLOAT16;
        };
    }

    private String prompt() {
        if (request.prompt().isEmpty()) {
            if (problems.stream()
                    .noneMatch(problem ->
                            problem.field().equals("prompt") || problem.field().isEmpty())) {
                refuse("prompt", "missing", null, RequestFields.PROMPT.allowed(), null);
            }
            return "";
        }
        requireTokens("prompt", request.prompt().get());
        return request.prompt().get();
    }

    /// The begin marker takes one of the slots. A longer text is refused, never cut.
    private void requireTokens(String field, String text) {
        int most = model.text().slots() - 1;
        int count = tokens.count(text);
        if (count > most) {
            refuse(
                    field,
                    "too-many-tokens",
                    "%d tokens: %s".formatted(count, text),
                    "at most %d tokens".formatted(most),
                    null);
        }
    }

    private Pipeline pipeline() {
        Pipeline pipeline = request.pipeline().orElse(defaults.pipeline());
        if (!model.pipelines().contains(pipeline)) {
            String offered =
                    model.pipelines().stream().sorted().map(Pipeline::label).collect(Collectors.joining(", "));
            refuse(
                    "pipeline",
                    "unsupported",
                    pipeline.label(),
                    "what model %s offers: %s".formatted(model.name(), offered),
                    defaults.pipeline().label());
            return defaults.pipeline(); // so that the other fields are judged by a pipeline that exists
        }
        if (Phases.needsDistilledLora(pipeline) && defaults.distilledLora().isEmpty()) {
            String allowed =
                    "a pipeline without a distilled LoRA: the defaults of model %s name none".formatted(model.name());
            refuse(
                    "pipeline",
                    "unsupported",
                    pipeline.label(),
                    allowed,
                    defaults.pipeline().label());
        }
        if (pipeline.hasTwoPhases() && request.outputOrDefault().soundOnly()) {
            refuse("pipeline", "conflict", pipeline.label(), "one-stage for sound alone", Pipeline.ONE_STAGE.label());
        }
        return pipeline;
    }

    /// Which file enlarges; empty for one phase.
    private Optional<ModelDescription.Upsampler> upsampler(Pipeline pipeline) {
        if (!pipeline.hasTwoPhases()) {
            request.upsampler()
                    .ifPresent(kind -> refuse(
                            "upsampler", "conflict", kind.label(), "no upsampler for " + pipeline.label(), null));
            return Optional.empty();
        }
        Upsampler wanted = request.upsampler().orElse(Upsampler.SPATIAL_X2);
        Optional<ModelDescription.Upsampler> found = model.upsampler(wanted);
        if (found.isEmpty()) {
            String has = model.upsamplers().stream()
                    .map(upsampler -> upsampler.kind().label())
                    .distinct()
                    .collect(Collectors.joining(", "));
            refuse(
                    "upsampler",
                    "unsupported",
                    wanted.label(),
                    "what lies beside model %s: %s".formatted(model.name(), has),
                    null);
        }
        return found;
    }

    private Guidance guidance(Pipeline pipeline, List<Condition> conditions) {
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

    private Schedule schedule(Pipeline pipeline) {
        return request.schedule()
                .orElse(
                        switch (pipeline) {
                            case DISTILLED -> Schedule.DISTILLED;
                            case TWO_STAGE_HQ -> Schedule.SHIFTED_TOKENS;
                            case ONE_STAGE, TWO_STAGE, KEYFRAMES -> defaults.schedule();
                        });
    }

    private int steps(Schedule schedule, Pipeline pipeline) {
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

    private Sampler sampler(Guidance guidance, Pipeline pipeline) {
        Sampler sampler =
                request.sampler().orElse(pipeline == Pipeline.TWO_STAGE_HQ ? Sampler.RES_2S : defaults.sampler());
        if (sampler == Sampler.CFG_PLUS_PLUS && guidance.contexts() == 1) {
            refuse(
                    "sampler",
                    "conflict",
                    sampler.label(),
                    "guidance with cfg other than 1, for an unconditional estimate",
                    null);
        }
        return sampler;
    }

    private void refuse(String field, String code, String value, String allowed, String nearest) {
        problems.add(new Problem(field, code, value, allowed, nearest));
    }
}
