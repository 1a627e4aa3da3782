package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.Enhancement;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.NoiseType;
import io.zoetrope.request.ParsedRequest;
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

    private final ParsedRequest parsed;
    private final GenerationRequest request;
    private final OfferedModel offered;
    private final ModelDescription model;
    private final ModelDefaults defaults;
    private final TokenCounter tokens;
    private final ComputeDevice device;
    private final ClipPlanning clip;
    private final List<Problem> problems;

    /// @param problems those found by the reader; more are added here
    RequestPlanning(ParsedRequest parsed, OfferedModel offered, ComputeDevice device, List<Problem> problems) {
        this.parsed = parsed;
        this.request = parsed.request();
        this.offered = offered;
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
        List<LoraPlan> loras = new LoraPlanning(request, parsed.places("loras"), model, problems).loras();
        Optional<GenerationPlan.Video> video = clip.video(pipeline, growth);
        Optional<PhaseSizes> sizes = video.map(whole ->
                new PhaseSizes(growth.map(kind -> clip.base(whole, kind)).orElse(whole), whole));
        new ConditionRules(request, parsed.places("conditions"), model, pipeline, problems).check(sizes);
        List<Condition> conditions = new ConditionPlanning(model, pipeline).conditions(request.conditions());
        refusePicturesOfSoundAlone();
        SamplingPlanning sampling = new SamplingPlanning(request, offered, pipeline, problems);
        Guidance guidance = sampling.guidance(conditions);
        Schedule schedule = sampling.schedule();
        int steps = sampling.steps(schedule);
        Sampler sampler = sampling.sampler(guidance);
        Phases phases = new Phases(pipeline, defaults, model, loras, conditions);
        GivenContent given = new GivenContent(conditions, phases.referenceFactors(), upsampler, phases.touchedBytes());
        int passesAtOnce = video.map(picture -> clip.passesAtOnce(picture, guidance, given))
                .orElse(1);
        Optional<StageMemory> memory =
                video.map(picture -> clip.memory(picture, growth, guidance, passesAtOnce, given));
        if (!problems.isEmpty()) {
            return new PlanOutcome.Refused(problems);
        }
        GenerationPlan.Video whole = sizes.orElseThrow().whole();
        GenerationPlan.Video first = sizes.get().first();
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
                passesAtOnce,
                request.outputOrDefault().soundOnly(),
                conditions,
                phases.firstLoras(),
                upsampler.map(chosen -> phases.refinement(chosen, first)).orElse(null),
                request.enhancePrompt().orElse(Enhancement.OFF),
                phases.warnings(),
                new DecodeMemory(model, device).tiles(whole).orElse(null),
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
        Pipeline pipeline = request.pipeline().orElse(stockPipeline());
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

    /// What is made in one phase only takes that pipeline, unless the request says another.
    private Pipeline stockPipeline() {
        boolean once = request.outputOrDefault().soundOnly()
                || request.conditions().stream().anyMatch(Condition.Retake.class::isInstance);
        return once && model.pipelines().contains(Pipeline.ONE_STAGE) ? Pipeline.ONE_STAGE : defaults.pipeline();
    }

    private void refusePicturesOfSoundAlone() {
        GenerationRequest.Output output = request.outputOrDefault();
        if (output.soundOnly() && output.contactSheet()) {
            refuse("output.contact_sheet", "conflict", "true", "no contact sheet of sound alone", "false");
        }
        if (output.soundOnly() && output.preview()) {
            refuse("output.preview", "conflict", "true", "no previews of sound alone", "false");
        }
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

    private void refuse(String field, String code, String value, String allowed, String nearest) {
        problems.add(new Problem(field, code, value, allowed, nearest));
    }
}
