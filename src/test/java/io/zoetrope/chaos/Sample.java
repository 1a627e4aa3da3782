package io.zoetrope.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.Priority;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A request of which many jobs are made, so that all must have the same latents and the same clip.
///
/// @param name     short, for people
/// @param priority of the job
/// @param request  its JSON
record Sample(String name, Priority priority, String request) {

    /// Of every sample.
    static final int STEPS = 8;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PROMPTS =
            List.of("A red circle rises on a blue background.", "A green square moves right on a white background.");

    /// Small clips whose steps are long enough to be hit.
    ///
    /// @param count of different ones
    static List<Sample> some(int count) {
        List<Sample> samples = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            ObjectNode request = JSON.createObjectNode()
                    .put("prompt", PROMPTS.get(number % PROMPTS.size()))
                    .put("seed", number)
                    .put("steps", STEPS)
                    .put("frames", 33)
                    .put("width", 160)
                    .put("height", 160);
            if (number % 3 == 2) {
                request.put("sampler", "res-2s");
            }
            samples.add(new Sample("seed-" + number, Priority.NORMAL, request.toString()));
        }
        return samples;
    }

    /// The same clip, sooner or later.
    Sample with(Priority other) {
        return new Sample(
                name,
                other,
                ((ObjectNode) tree()).put("priority", other.label()).toString());
    }

    byte[] json() {
        return request.getBytes(StandardCharsets.UTF_8);
    }

    /// The same request in other words.
    byte[] reworded() {
        return tree().toPrettyString().getBytes(StandardCharsets.UTF_8);
    }

    /// Another request.
    byte[] contradicted() {
        return ((ObjectNode) tree()).put("seed", 999_999).toString().getBytes(StandardCharsets.UTF_8);
    }

    private JsonNode tree() {
        try {
            return JSON.readTree(request);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
