package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.cli.Failures.InputException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/// What is given to a clip, as options: pictures, clips, sounds and LoRAs.
final class ConditionOptions {

    /// Fields of a condition that are texts, whatever they look like.
    private static final Set<String> TEXTS = Set.of("type", "source", "streams");

    @Option(names = "--image", paramLabel = "SOURCE", description = "A picture that the clip begins with.")
    private String image;

    @Option(
            names = "--video",
            paramLabel = "SOURCE",
            description = "A clip that the new one begins with, of its frame rate.")
    private String video;

    @Option(
            names = "--audio",
            paramLabel = "SOURCE",
            description = "A sound that the picture is made for; the clip carries it.")
    private String audio;

    @Option(
            names = "--condition",
            paramLabel = "FIELDS",
            description = {
                "Anything given, with all its fields; may be repeated. For example",
                "type=keyframe,source=end.png,frame=120,strength=0.8",
                "type=retake,source=clip.mp4,start=1,end=2,streams=audio",
                "type=reference,source=depth.mp4,attention=0.5"
            })
    private List<String> conditions;

    @Option(
            names = "--lora",
            paramLabel = "NAME[=STRENGTH]",
            description = "A LoRA beside the model, of strength 1 unless said otherwise; may be repeated.")
    private List<String> loras;

    private final ObjectMapper mapper = new ObjectMapper();

    /// Adds the fields `conditions` and `loras` to a request, if there is anything to say.
    void addTo(ObjectNode request) {
        ArrayNode array = mapper.createArrayNode();
        add(array, "image", image);
        add(array, "video", video);
        add(array, "audio", audio);
        if (conditions != null) {
            conditions.forEach(fields -> array.add(condition(fields)));
        }
        if (!array.isEmpty()) {
            request.set("conditions", array);
        }
        if (loras != null) {
            ArrayNode names = request.putArray("loras");
            loras.forEach(lora -> names.add(lora(lora)));
        }
    }

    private void add(ArrayNode array, String type, String source) {
        if (source != null) {
            array.addObject().put("type", type).put("source", source);
        }
    }

    private ObjectNode condition(String fields) {
        ObjectNode condition = mapper.createObjectNode();
        for (String field : fields.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 1) {
                throw new InputException(
                        "--condition: '%s' is not allowed; expected fields such as type=image,source=a.png"
                                .formatted(field));
            }
            String name = field.substring(0, equals).strip();
            String value = field.substring(equals + 1);
            condition.set(name, TEXTS.contains(name) ? mapper.getNodeFactory().textNode(value) : number(value));
        }
        return condition;
    }

    private ObjectNode lora(String text) {
        int equals = text.lastIndexOf('=');
        ObjectNode lora = mapper.createObjectNode();
        lora.put("name", equals < 0 ? text : text.substring(0, equals));
        if (equals >= 0) {
            lora.set("strength", number(text.substring(equals + 1)));
        }
        return lora;
    }

    /// A number if it is one; otherwise the text, which the reader will refuse with the field's name.
    private JsonNode number(String text) {
        try {
            return mapper.getNodeFactory().numberNode(new BigDecimal(text.strip()));
        } catch (NumberFormatException _) {
            return mapper.getNodeFactory().textNode(text);
        }
    }
}
