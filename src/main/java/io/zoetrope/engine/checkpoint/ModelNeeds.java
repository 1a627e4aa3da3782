package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a checkpoint needs that the engine does not have, told by its header alone. A model with such needs is refused
/// before any weight is read: without the missing part it would make a wrong clip or none.
///
/// What LTX-2.5 has besides is data that the engine reads: feed-forwards without biases, its block lists, the ancestral
/// sampler, separate files.
///
/// @param version25    parts of LTX-2.5
/// @param quantisation formats of weights
public record ModelNeeds(List<String> version25, List<String> quantisation) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    private static final String CONVOLUTIONAL = "CausalVideoAutoencoder";
    private static final String KEYFRAMES = Component.TRANSFORMER.prefix() + "keyframes_abs_pos_embedding";
    private static final String BLOCK_SCALE_ENDING = ".weight_scale_2";
    private static final String WEIGHT_ENDING = ".weight";

    public ModelNeeds {
        version25 = List.copyOf(version25);
        quantisation = List.copyOf(quantisation);
    }

    public static ModelNeeds of(Checkpoint checkpoint) {
        JsonNode config = checkpoint.metadata().containsKey("config") ? checkpoint.config() : JSON.createObjectNode();
        List<String> version25 = new ArrayList<>();
        String decoder = config.path("vae").path("_class_name").asText(CONVOLUTIONAL);
        if (!decoder.equals(CONVOLUTIONAL)) {
            version25.add("diffusion decoder (%s)".formatted(decoder));
        }
        textModel(checkpoint).ifPresent(version25::add);
        boolean keyframes = checkpoint.entry(KEYFRAMES).isPresent()
                || config.path("transformer")
                        .path("use_keyframes_abs_pos_embedding")
                        .asBoolean();
        if (keyframes) {
            version25.add("keyframe marker");
        }
        List<String> quantisation = new ArrayList<>();
        long blocks = count(checkpoint, entry -> entry.getKey().endsWith(BLOCK_SCALE_ENDING));
        if (blocks > 0) {
            quantisation.add("NVFP4 (%d weights)".formatted(blocks));
        }
        long integers = count(
                checkpoint,
                entry -> entry.getKey().endsWith(WEIGHT_ENDING)
                        && entry.getValue().type() == DataType.INT8);
        if (integers > 0) {
            quantisation.add("int8 (%d weights)".formatted(integers));
        }
        return new ModelNeeds(version25, quantisation);
    }

    /// One line for each kind of support that is missing; none if the engine has all.
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (!version25.isEmpty()) {
            lines.add("needs 2.5 support: " + String.join(", ", version25));
        }
        if (!quantisation.isEmpty()) {
            lines.add("needs quantised weights: " + String.join(", ", quantisation));
        }
        return lines;
    }

    /// @throws CheckpointException naming all needs, if there are any
    void requireNone(Checkpoint checkpoint) {
        List<String> problems = lines().stream()
                .map(line -> line + "; the engine does not have that")
                .toList();
        if (!problems.isEmpty()) {
            throw new CheckpointException(checkpoint.subject(), problems);
        }
    }

    /// Named by the text model's own configuration in the header, or implied by the version.
    private static Optional<String> textModel(Checkpoint checkpoint) {
        String text = checkpoint.metadata().get("gemma_config");
        if (text != null) {
            try {
                String type = JSON.readTree(text).path("model_type").asText();
                return Optional.of("Gemma 4 (%s) in the checkpoint".formatted(type));
            } catch (JsonProcessingException e) {
                throw new CheckpointException(checkpoint.subject(), "'gemma_config' in its header is not JSON", e);
            }
        }
        Matcher version = VERSION.matcher(checkpoint.metadata().getOrDefault("model_version", ""));
        boolean from25 = version.matches()
                && (Integer.parseInt(version.group(1)) > 2
                        || (Integer.parseInt(version.group(1)) == 2 && Integer.parseInt(version.group(2)) >= 5));
        return from25 ? Optional.of("Gemma 4") : Optional.empty();
    }

    private static long count(Checkpoint checkpoint, Predicate<Map.Entry<String, SafetensorsFile.Entry>> which) {
        return checkpoint.entries().entrySet().stream().filter(which).count();
    }
}
