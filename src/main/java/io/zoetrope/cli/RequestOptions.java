package io.zoetrope.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Every field of a request as an option. The options only write the request's JSON: the same reader as
/// everywhere else checks it.
final class RequestOptions {

    @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "What the clip shows and sounds like.")
    private String prompt;

    @Option(names = "--negative-prompt", paramLabel = "TEXT", description = "What guidance leads away from.")
    private String negativePrompt;

    @Option(names = "--model", paramLabel = "NAME", description = "Name of a registered model.")
    private String model;

    @Option(
            names = "--pipeline",
            paramLabel = "NAME",
            description = "one-stage, two-stage, distilled, keyframes or two-stage-hq.")
    private String pipeline;

    @Option(
            names = "--upsampler",
            paramLabel = "NAME",
            description = "Growth between two stages: spatial-x2, spatial-x1.5 or temporal-x2.")
    private String upsampler;

    @Option(
            names = "--width",
            paramLabel = "PIXELS",
            description = "A multiple of 32; 64 or 96 if two stages enlarge it.")
    private String width;

    @Option(
            names = "--height",
            paramLabel = "PIXELS",
            description = "A multiple of 32; 64 or 96 if two stages enlarge it.")
    private String height;

    @Option(names = "--frames", paramLabel = "N", description = "Length in frames, 8k + 1.")
    private String frames;

    @Option(names = "--seconds", paramLabel = "SECONDS", description = "Length in seconds, instead of --frames.")
    private String seconds;

    @Option(names = "--fps", paramLabel = "HZ", description = "Frames per second, 1 to 120.")
    private String fps;

    @Option(names = "--seed", paramLabel = "N", description = "0 to 2^64-1; the same seed makes the same clip.")
    private String seed;

    @Option(names = "--steps", paramLabel = "N", description = "Denoising steps.")
    private String steps;

    @Option(
            names = "--sampler",
            paramLabel = "NAME",
            description = "How latents move from one noise level to the next.")
    private String sampler;

    @Option(names = "--schedule", paramLabel = "NAME", description = "Rule of the noise levels.")
    private String schedule;

    @Option(
            names = "--noise-type",
            paramLabel = "TYPE",
            description = "Type in which noise is drawn: float32, or bfloat16 as the official pipelines on a CPU.")
    private String noiseType;

    @Option(
            names = "--enhance-prompt",
            paramLabel = "HOW",
            description = "The text model rewrites the prompt first: greedy or sampled; off if left out.")
    private String enhancePrompt;

    @Mixin
    private GuidanceOptions guidance;

    @Mixin
    private ConditionOptions conditions;

    @Option(names = "--sound-only", description = "Sound without picture.")
    private boolean soundOnly;

    @Option(names = "--contact-sheet", description = "Also a PNG with all frames.")
    private boolean contactSheet;

    @Option(names = "--priority", paramLabel = "CLASS", description = "high, normal or low.")
    private String priority;

    @Option(
            names = "--deadline",
            paramLabel = "INSTANT",
            description = "When the clip is of no use any more (RFC 3339).")
    private String deadline;

    @Option(names = "--tenant", paramLabel = "NAME", description = "Who asks.")
    private String tenant;

    @Option(names = "--metadata", paramLabel = "KEY=VALUE", description = "Returned with the result; may be repeated.")
    private Map<String, String> metadata;

    private final ObjectMapper mapper = new ObjectMapper();

    /// The request's JSON.
    ///
    /// @param promptByDefault used if there is no prompt; null to leave it out
    byte[] json(String promptByDefault) {
        ObjectNode request = mapper.createObjectNode();
        Written.text(request, "prompt", prompt == null ? promptByDefault : prompt);
        Written.text(request, "negative_prompt", negativePrompt);
        Written.text(request, "model", model);
        Written.text(request, "pipeline", pipeline);
        Written.text(request, "upsampler", upsampler);
        Written.number(request, "width", width);
        Written.number(request, "height", height);
        Written.number(request, "frames", frames);
        Written.number(request, "seconds", seconds);
        Written.number(request, "fps", fps);
        Written.text(request, "seed", seed);
        Written.number(request, "steps", steps);
        Written.text(request, "sampler", sampler);
        Written.text(request, "schedule", schedule);
        Written.text(request, "noise_type", noiseType);
        Written.text(request, "enhance_prompt", enhancePrompt);
        guidance.write(request);
        conditions.write(request);
        if (contactSheet) {
            request.withObjectProperty("output").put("contact_sheet", true);
        }
        if (soundOnly) {
            request.withObjectProperty("output").put("sound_only", true);
        }
        Written.text(request, "priority", priority);
        Written.text(request, "deadline", deadline);
        Written.text(request, "tenant", tenant);
        if (metadata != null) {
            metadata.forEach(request.putObject("metadata")::put);
        }
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The request, checked by itself; what only a model can tell is checked by the plan.
    ParsedRequest parsed(String promptByDefault) {
        return RequestReader.read(json(promptByDefault));
    }

    /// All problems in one line.
    static InputException wrong(List<Problem> problems) {
        return new InputException(problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
    }
}
