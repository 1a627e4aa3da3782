package io.zoetrope.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import java.math.BigDecimal;
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
            description = "Growth between two phases: spatial-x2, spatial-x1.5 or temporal-x2.")
    private String upsampler;

    @Option(names = "--width", paramLabel = "PIXELS", description = "A multiple of 32.")
    private String width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "A multiple of 32.")
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

    @Option(names = "--noise-type", paramLabel = "TYPE", description = "float32, or bfloat16 as official runs draw it.")
    private String noiseType;

    @Option(
            names = "--enhance-prompt",
            paramLabel = "HOW",
            description = "The text model rewrites the prompt: greedy or sampled.")
    private String enhancePrompt;

    @Mixin
    private ConditionOptions conditions;

    @Option(names = "--video-cfg", paramLabel = "X", description = "Guidance away from the negative prompt; 1 is off.")
    private String videoCfg;

    @Option(names = "--audio-cfg", paramLabel = "X", description = "The same for the sound.")
    private String audioCfg;

    @Option(names = "--video-stg", paramLabel = "X", description = "Spatio-temporal guidance; 0 is off.")
    private String videoStg;

    @Option(names = "--audio-stg", paramLabel = "X", description = "The same for the sound.")
    private String audioStg;

    @Option(names = "--video-blocks", split = ",", paramLabel = "B", description = "Blocks perturbed by --video-stg.")
    private List<String> videoBlocks;

    @Option(names = "--audio-blocks", split = ",", paramLabel = "B", description = "Blocks perturbed by --audio-stg.")
    private List<String> audioBlocks;

    @Option(names = "--video-rescale", paramLabel = "X", description = "Rescaling of the guided picture, 0 to 1.")
    private String videoRescale;

    @Option(names = "--audio-rescale", paramLabel = "X", description = "The same for the sound.")
    private String audioRescale;

    @Option(names = "--video-modality", paramLabel = "X", description = "Guidance away from silent film; 1 is off.")
    private String videoModality;

    @Option(names = "--audio-modality", paramLabel = "X", description = "Guidance away from blind sound; 1 is off.")
    private String audioModality;

    @Option(names = "--video-skip-step", paramLabel = "N", description = "Steps that reuse the last guided picture.")
    private String videoSkipStep;

    @Option(names = "--audio-skip-step", paramLabel = "N", description = "Steps that reuse the last guided sound.")
    private String audioSkipStep;

    @Option(names = "--contact-sheet", description = "Also a PNG with all frames.")
    private boolean contactSheet;

    @Option(names = "--sound-only", description = "Sound without picture.")
    private boolean soundOnly;

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
        text(request, "prompt", prompt == null ? promptByDefault : prompt);
        text(request, "negative_prompt", negativePrompt);
        text(request, "model", model);
        text(request, "pipeline", pipeline);
        text(request, "upsampler", upsampler);
        number(request, "width", width);
        number(request, "height", height);
        number(request, "frames", frames);
        number(request, "seconds", seconds);
        number(request, "fps", fps);
        text(request, "seed", seed);
        number(request, "steps", steps);
        text(request, "sampler", sampler);
        text(request, "schedule", schedule);
        text(request, "noise_type", noiseType);
        text(request, "enhance_prompt", enhancePrompt);
        conditions.addTo(request);
        ObjectNode guidance = mapper.createObjectNode();
        stream(guidance, "video", videoCfg, videoStg, videoBlocks, videoRescale, videoModality, videoSkipStep);
        stream(guidance, "audio", audioCfg, audioStg, audioBlocks, audioRescale, audioModality, audioSkipStep);
        if (!guidance.isEmpty()) {
            request.set("guidance", guidance);
        }
        if (contactSheet || soundOnly) {
            ObjectNode output = request.putObject("output");
            if (contactSheet) {
                output.put("contact_sheet", true);
            }
            if (soundOnly) {
                output.put("sound_only", true);
            }
        }
        text(request, "priority", priority);
        text(request, "deadline", deadline);
        text(request, "tenant", tenant);
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

    private void stream(
            ObjectNode guidance,
            String name,
            String cfg,
            String stg,
            List<String> blocks,
            String rescale,
            String modality,
            String skipStep) {
        ObjectNode stream = mapper.createObjectNode();
        number(stream, "cfg", cfg);
        number(stream, "stg", stg);
        if (blocks != null) {
            var array = stream.putArray("blocks");
            blocks.forEach(block -> array.add(value(block)));
        }
        number(stream, "rescale", rescale);
        number(stream, "modality", modality);
        number(stream, "skip_step", skipStep);
        if (!stream.isEmpty()) {
            guidance.set(name, stream);
        }
    }

    private static void text(ObjectNode node, String field, String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    private void number(ObjectNode node, String field, String value) {
        if (value != null) {
            node.set(field, value(value));
        }
    }

    /// A number if it is one; otherwise the text, which the reader will refuse with the field's name.
    private com.fasterxml.jackson.databind.JsonNode value(String text) {
        try {
            return mapper.getNodeFactory().numberNode(new BigDecimal(text.strip()));
        } catch (NumberFormatException _) {
            return mapper.getNodeFactory().textNode(text);
        }
    }
}
