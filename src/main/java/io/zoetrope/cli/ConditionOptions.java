package io.zoetrope.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.cli.Failures.InputException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// Given pictures, clips and sounds, and LoRAs, as options.
final class ConditionOptions {

    /// Fields of a condition whose values are names; the others are numbers.
    private static final Set<String> TEXTS = Set.of("type", "source", "streams");

    /// A comma before the next field; others belong to the name of a file.
    private static final Pattern BETWEEN_FIELDS = Pattern.compile(",(?=[a-z_]+=)");

    @Option(
            names = "--image",
            paramLabel = "SOURCE",
            description =
                    "A picture that the clip begins with. Sources are files for generate, artifact keys or allowed"
                            + " URIs for submit.")
    private String image;

    @Option(names = "--video", paramLabel = "SOURCE", description = "A clip that the new one continues.")
    private String video;

    @Option(names = "--audio", paramLabel = "SOURCE", description = "A sound that the picture is made for.")
    private String audio;

    @Option(
            names = "--condition",
            paramLabel = "FIELDS",
            description = {
                "Anything given, with all its fields; may be repeated. For example",
                "type=image,source=a.png,frame=8,crf=0",
                "type=keyframe,source=end.png,frame=120,strength=0.8",
                "type=video,source=clip.mp4,start=1,end=3",
                "type=retake,source=clip.mp4,start=1,end=2,streams=audio",
                "type=reference,source=depth.mp4,attention=0.5"
            })
    private List<String> conditions;

    @Option(
            names = "--lora",
            paramLabel = "NAME[=STRENGTH]",
            description = "A LoRA that lies beside the model; may be repeated. 1 is full strength.")
    private List<String> loras;

    /// Writes what was given into `request`.
    ///
    /// @throws InputException if a condition is not written as fields
    void write(ObjectNode request) {
        ArrayNode given = request.arrayNode();
        shortcut(given, "image", image);
        shortcut(given, "video", video);
        shortcut(given, "audio", audio);
        if (conditions != null) {
            conditions.forEach(text -> given.add(condition(request.objectNode(), text)));
        }
        if (!given.isEmpty()) {
            request.set("conditions", given);
        }
        if (loras != null) {
            ArrayNode written = request.putArray("loras");
            loras.forEach(text -> lora(written.addObject(), text));
        }
    }

    private static void shortcut(ArrayNode given, String type, String source) {
        if (source != null) {
            given.addObject().put("type", type).put("source", source);
        }
    }

    private static ObjectNode condition(ObjectNode condition, String text) {
        for (String part : BETWEEN_FIELDS.split(text)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new InputException(
                        "--condition '%s'; expected FIELD=VALUE,…, such as type=image,source=a.png".formatted(text));
            }
            String field = part.substring(0, equals).strip();
            String value = part.substring(equals + 1);
            if (condition.has(field)) {
                throw new InputException(
                        "--condition '%s'; expected each field once, found %s twice".formatted(text, field));
            }
            if (TEXTS.contains(field)) {
                condition.put(field, value);
            } else {
                condition.set(field, Written.value(value));
            }
        }
        return condition;
    }

    private static void lora(ObjectNode lora, String text) {
        int equals = text.lastIndexOf('=');
        lora.put("name", equals < 0 ? text : text.substring(0, equals));
        if (equals >= 0) {
            lora.set("strength", Written.value(text.substring(equals + 1)));
        }
    }
}
