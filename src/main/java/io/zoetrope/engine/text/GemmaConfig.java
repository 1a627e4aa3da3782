package io.zoetrope.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;

/// The shape of a Gemma 3 text model, from `text_config` of its `config.json`.
///
/// @param width         H
/// @param innerWidth    of the gated feed-forward
/// @param heads         of the queries
/// @param keyValueHeads shared by groups of query heads
/// @param headWidth     d
/// @param queryScalar   attention is scaled by its inverse root
/// @param slidingWindow tokens that a sliding layer sees, itself included
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

    public GemmaConfig {
        layers = List.copyOf(layers);
    }

    /// @param json the whole `config.json`, or its `text_config`
    /// @throws CheckpointException if it is no Gemma 3 or needs what is not implemented
    public static GemmaConfig of(JsonNode json) {
        boolean nested = json.has("text_config");
        String type = json.path("model_type").asText("");
        if (!type.equals("gemma3") && !type.equals("gemma3_text")) {
            throw new CheckpointException(
                    "config.json of the text model", "model_type is '%s', expected gemma3".formatted(type));
        }
        ConfigSection config = ConfigSection.of("text_config", nested ? json.get("text_config") : json);
        config.require("attention_bias", false);
        config.require("hidden_activation", "gelu_pytorch_tanh");
        config.require("use_bidirectional_attention", false);
        for (String softCap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
            if (config.has(softCap)) {
                throw config.refusal(softCap, config.json().get(softCap), "null");
            }
        }
        int layers = config.integer("num_hidden_layers", 26);
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
                layerTypes(config, layers));
    }

    /// Number of hidden states: the embedding's and every layer's.
    public int states() {
        return layers.size() + 1;
    }

    private static double scaling(ConfigSection config) {
        if (!config.has("rope_scaling")) {
            return 1;
        }
        ConfigSection scaling = config.section("rope_scaling");
        scaling.require("rope_type", "linear");
        return scaling.number("factor", 1);
    }

    /// Newer files say both kinds' values in `rope_parameters`, older ones in keys of their own.
    private static Rotary rotary(ConfigSection config, String kind, double theta, double factor) {
        ConfigSection parameters = config.section("rope_parameters").section(kind);
        if (parameters.json().isMissingNode()) {
            return new Rotary(theta, factor);
        }
        String type = parameters.text("rope_type", "default");
        if (!type.equals("default") && !type.equals("linear")) {
            throw parameters.refusal("rope_type", type, "default or linear");
        }
        return new Rotary(parameters.number("rope_theta", theta), parameters.number("factor", 1));
    }

    private static List<LayerType> layerTypes(ConfigSection config, int layers) {
        List<LayerType> types = new ArrayList<>();
        if (config.has("layer_types")) {
            config.json()
                    .get("layer_types")
                    .forEach(type -> types.add(
                            switch (type.asText()) {
                                case "full_attention" -> LayerType.GLOBAL;
                                case "sliding_attention" -> LayerType.SLIDING;
                                default ->
                                    throw config.refusal("layer_types", type, "full_attention or sliding_attention");
                            }));
            if (types.size() != layers) {
                throw config.refusal("layer_types", types.size() + " entries", layers + " entries");
            }
            return types;
        }
        int pattern = config.integer("sliding_window_pattern", config.integer("_sliding_window_pattern", 6));
        for (int layer = 0; layer < layers; layer++) {
            types.add((layer + 1) % pattern == 0 ? LayerType.GLOBAL : LayerType.SLIDING);
        }
        return types;
    }
}
