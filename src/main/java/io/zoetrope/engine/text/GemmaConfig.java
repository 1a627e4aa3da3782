package io.zoetrope.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The shape of a Gemma 3 text model, from `text_config` of its `config.json`.
///
/// @param vocabulary    number of token ids
/// @param width         H
/// @param innerWidth    of the gated feed-forward
/// @param heads         of the queries, N
/// @param keyValueHeads shared by groups of query heads, M; divides N
/// @param headWidth     d, even
/// @param queryScalar   attention is scaled by its inverse root
/// @param slidingWindow tokens that a sliding layer sees, itself included
/// @param epsilon       of the norms
/// @param layers        one entry each
public record GemmaConfig(
        int vocabulary,
        int width,
        int innerWidth,
        int heads,
        int keyValueHeads,
        int headWidth,
        double queryScalar,
        int slidingWindow,
        double epsilon,
        Rotary globalRotary,
        Rotary slidingRotary,
        List<LayerType> layers) {

    /// What a layer's attention sees.
    public enum LayerType {
        GLOBAL,
        SLIDING
    }

    /// @param theta  base of the frequencies
    /// @param factor by which they are divided
    public record Rotary(double theta, double factor) {}

    private static final String SUBJECT = "config.json of the text model";
    private static final Set<String> MODEL_TYPES = Set.of("gemma3", "gemma3_text");
    private static final Map<String, ?> ONLY_IMPLEMENTED = Map.of(
            "attention_bias", false,
            "hidden_activation", "gelu_pytorch_tanh",
            "use_bidirectional_attention", false);

    public GemmaConfig {
        layers = List.copyOf(layers);
        List<String> problems = new ArrayList<>();
        Map<String, Number> positive = Map.of(
                "vocab_size", vocabulary,
                "hidden_size", width,
                "intermediate_size", innerWidth,
                "num_attention_heads", heads,
                "num_key_value_heads", keyValueHeads,
                "head_dim", headWidth,
                "query_pre_attn_scalar", queryScalar,
                "sliding_window", slidingWindow,
                "num_hidden_layers", layers.size());
        positive.entrySet().stream()
                .filter(entry -> !(entry.getValue().doubleValue() > 0))
                .map(entry -> "%s is %s, expected more than 0".formatted(entry.getKey(), entry.getValue()))
                .sorted()
                .forEach(problems::add);
        if (keyValueHeads > 0 && heads % keyValueHeads != 0) {
            problems.add("num_key_value_heads is %d, expected a divisor of %d".formatted(keyValueHeads, heads));
        }
        if (headWidth % 2 != 0) {
            problems.add("head_dim is %d, expected an even number".formatted(headWidth));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(SUBJECT, problems);
        }
    }

    /// Whether a `config.json` says that it belongs to a Gemma 3.
    static boolean describes(JsonNode json) {
        return MODEL_TYPES.contains(json.path("model_type").asText());
    }

    /// @param json the whole `config.json`, or its `text_config`
    /// @throws CheckpointException if it is no Gemma 3 or needs what is not implemented
    public static GemmaConfig of(JsonNode json) {
        if (!describes(json)) {
            throw new CheckpointException(
                    SUBJECT,
                    "model_type is '%s', expected gemma3"
                            .formatted(json.path("model_type").asText()));
        }
        ConfigSection config =
                ConfigSection.of("text_config", json.has("text_config") ? json.get("text_config") : json);
        requireImplemented(config);
        return new GemmaConfig(
                config.integer("vocab_size", 262208),
                config.integer("hidden_size", 2304),
                config.integer("intermediate_size", 9216),
                config.integer("num_attention_heads", 8),
                config.integer("num_key_value_heads", 4),
                config.integer("head_dim", 256),
                config.number("query_pre_attn_scalar", 256),
                config.integer("sliding_window", 4096),
                config.number("rms_norm_eps", 1e-6),
                rotary(config, "full_attention", config.number("rope_theta", 1_000_000), scaling(config)),
                rotary(config, "sliding_attention", config.number("rope_local_base_freq", 10_000), 1),
                layerTypes(config, config.integer("num_hidden_layers", 26)));
    }

    /// Number of hidden states: the embedding's and every layer's.
    public int states() {
        return layers.size() + 1;
    }

    /// How many tokens of a text of `tokens` tokens a layer reads.
    long keys(LayerType type, long tokens) {
        return switch (type) {
            case GLOBAL -> tokens;
            case SLIDING -> Math.min(tokens, slidingWindow);
        };
    }

    /// Numbers in the keys and values of all layers that a text of `tokens` tokens keeps.
    long cacheElements(long tokens) {
        return layers.stream()
                .mapToLong(type -> 2L * keyValueHeads * headWidth * keys(type, tokens))
                .sum();
    }

    private static void requireImplemented(ConfigSection config) {
        List<String> problems = new ArrayList<>(config.deviations(ONLY_IMPLEMENTED));
        for (String softCap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            if (config.has(softCap)) {
                problems.add("%s is %s, expected null"
                        .formatted(softCap, config.json().get(softCap)));
            }
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(SUBJECT, problems);
        }
    }

    /// Older files: the factor of the global layers.
    private static double scaling(ConfigSection config) {
        return config.has("rope_scaling") ? factor(config.section("rope_scaling")) : 1;
    }

    /// Newer files say both kinds' values in `rope_parameters`, older ones in keys of their own.
    private static Rotary rotary(ConfigSection config, String kind, double theta, double factor) {
        ConfigSection parameters = config.section("rope_parameters").section(kind);
        return parameters.json().isMissingNode()
                ? new Rotary(theta, factor)
                : new Rotary(parameters.number("rope_theta", theta), factor(parameters));
    }

    private static double factor(ConfigSection rotary) {
        return switch (rotary.text("rope_type", "default")) {
            case "default" -> 1;
            case "linear" -> rotary.number("factor", 1);
            case String other -> throw rotary.refusal("rope_type", other, "default or linear");
        };
    }

    private static List<LayerType> layerTypes(ConfigSection config, int layers) {
        List<LayerType> types = new ArrayList<>();
        if (config.has("layer_types")) {
            config.json().get("layer_types").forEach(type -> types.add(layerType(config, type.asText())));
            if (types.size() != layers) {
                throw config.refusal("layer_types", types.size() + " entries", layers + " entries");
            }
            return types;
        }
        int pattern = config.integer("sliding_window_pattern", config.integer("_sliding_window_pattern", 6));
        if (pattern < 1) {
            throw config.refusal("sliding_window_pattern", pattern, "at least 1");
        }
        for (int layer = 0; layer < layers; layer++) {
            types.add((layer + 1) % pattern == 0 ? LayerType.GLOBAL : LayerType.SLIDING);
        }
        return types;
    }

    private static LayerType layerType(ConfigSection config, String name) {
        return switch (name) {
            case "full_attention" -> LayerType.GLOBAL;
            case "sliding_attention" -> LayerType.SLIDING;
            case String other -> throw config.refusal("layer_types", other, "full_attention or sliding_attention");
        };
    }
}
