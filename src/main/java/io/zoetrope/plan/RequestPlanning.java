package io.zoetrope.plan;

import io.zoetrope.request.FieldType.Whole;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Schedule;
import io.zoetrope.request.Seed;
import java.util.List;
import java.util.Locale;
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
        refuseUnsupported();
        Optional<GenerationPlan.Video> video = clip.video(pipeline);
        Guidance guidance = guidance();
        Schedule schedule = schedule(pipeline);
        int steps = steps(schedule);
        Sampler sampler = sampler(guidance);
        Optional<StageMemory> memory = video.map(picture -> clip.memory(picture, pipeline, guidance));
        if (!problems.isEmpty()) {
            return new PlanOutcome.Refused(problems);
        }
        return new PlanOutcome.Planned(new GenerationPlan(
                prompt,
                negativePrompt,
                new GenerationPlan.Model(model.name(), model.version(), model.digest()),
                pipeline,
                video.orElseThrow(),
                clip.audio(video.orElseThrow()),
                GenerationPlan.Noise.of(request.seed().orElseGet(seeds)),
                device.precision(),
                steps,
                SchedulePlan.of(schedule, steps),
                sampler,
                guidance,
                memory.orElseThrow()));
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
        if (model.pipelines().contains(pipeline)) {
            return pipeline;
        }
        String offered =
                model.pipelines().stream().sorted().map(Pipeline::label).collect(Collectors.joining(", "));
        String allowed = "what model %s offers: %s".formatted(model.name(), offered);
        refuse(
                "pipeline",
                "unsupported",
                pipeline.label(),
                allowed,
                defaults.pipeline().label());
        return defaults.pipeline(); // so that the other fields are judged by a pipeline that exists
    }

    private void refuseUnsupported() {
        if (!request.conditions().isEmpty()) {
            String kinds = request.conditions().stream()
                    .map(condition -> condition.getClass().getSimpleName().toLowerCase(Locale.ROOT))
                    .distinct()
                    .collect(Collectors.joining(", "));
            refuse("conditions", "unsupported", kinds, "no conditions, this version makes clips from text alone", null);
        }
        if (!request.loras().isEmpty()) {
            String names =
                    request.loras().stream().map(GenerationRequest.Lora::name).collect(Collectors.joining(", "));
            refuse("loras", "unsupported", names, "no LoRAs, this version runs models as they are", null);
        }
    }

    private Guidance guidance() {
        Guidance guidance = defaults.guidance().with(request.guidance());
        requireBlocks("video", guidance.video());
        requireBlocks("audio", guidance.audio());
        return guidance;
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
        return request.schedule().orElse(pipeline == Pipeline.DISTILLED ? Schedule.DISTILLED : defaults.schedule());
    }

    private int steps(Schedule schedule) {
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
        int steps = request.steps().orElse(defaults.steps());
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

    private Sampler sampler(Guidance guidance) {
        Sampler sampler = request.sampler().orElse(defaults.sampler());
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
