package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// The transformer's and the connectors' configuration of a diffusers folder becomes the official `transformer`, which
/// describes both.
final class DiffusersTransformer {

    private static final Map<String, Object> FIXED = Map.ofEntries(
            Map.entry("attention_out_bias", true),
            Map.entry("qk_norm", "rms_norm_across_heads"),
            Map.entry("patch_size", 1),
            Map.entry("patch_size_t", 1),
            Map.entry("audio_patch_size", 1),
            Map.entry("audio_patch_size_t", 1),
            Map.entry("causal_offset", 1),
            Map.entry("quantization_config", "null"));
    private static final List<String> SHARED = List.of("rope_type", "rope_theta", "rope_double_precision");

    private DiffusersTransformer() {}

    static void translate(DiffusersSection transformer, DiffusersSection connectors, ObjectNode official) {
        boolean projectionInside = transformer.flag("use_prompt_embeddings", true);
        transformer.fixed(FIXED);
        transformer.copy(
                official,
                "num_layers",
                "num_attention_heads",
                "attention_head_dim",
                "audio_num_attention_heads",
                "audio_attention_head_dim",
                "in_channels",
                "out_channels",
                "audio_in_channels",
                "audio_out_channels",
                "cross_attention_dim",
                "audio_cross_attention_dim",
                "caption_channels",
                "norm_eps",
                "norm_elementwise_affine",
                "activation_fn",
                "attention_bias",
                "rope_type",
                "timestep_scale_multiplier");
        transformer.copyIfPresent(
                official, "ff_bias", "audio_ff_bias", "use_prompt_adaln_single", "use_keyframes_abs_pos_embedding");
        transformer.copyAs(official, "cross_attn_timestep_scale_multiplier", "av_ca_timestep_scale_multiplier");
        transformer.copyAs(official, "rope_theta", "positional_embedding_theta");
        official.put("frequencies_precision", transformer.flag("rope_double_precision", true) ? "float64" : "float32");
        official.put("apply_gated_attention", transformer.flagOfBoth("gated_attn", "audio_gated_attn", false));
        official.put("cross_attention_adaln", transformer.flagOfBoth("cross_attn_mod", "audio_cross_attn_mod", false));
        official.putArray("positional_embedding_max_pos")
                .add(transformer.require("pos_embed_max_pos"))
                .add(transformer.require("base_height"))
                .add(transformer.require("base_width"));
        official.putArray("audio_positional_embedding_max_pos").add(transformer.require("audio_pos_embed_max_pos"));
        if (!projectionInside) {
            official.put("caption_proj_before_connector", true)
                    .put("caption_projection_first_linear", false)
                    .put("caption_projection_second_linear", false)
                    .put("caption_proj_input_norm", false);
        }
        // How pixels and samples become positions: the engine reads that from the autoencoders. And a code path.
        transformer.ignore(
                "vae_scale_factors", "audio_scale_factor", "audio_hop_length", "audio_sampling_rate", "perturbed_attn");
        connectors(connectors, projectionInside, official);
        for (String key : SHARED) {
            JsonNode one = transformer.require(key);
            JsonNode other = connectors.require(key);
            if (!one.asText().equals(other.asText())) {
                connectors.problem("%s is %s, expected %s as in the transformer".formatted(key, other, one));
            }
        }
        transformer.finish();
        connectors.finish();
    }

    private static void connectors(DiffusersSection connectors, boolean projectionInside, ObjectNode official) {
        connectors.fixed(Map.of(
                "per_modality_projections",
                !projectionInside,
                "proj_bias",
                !projectionInside,
                "caption_channels",
                official.path("caption_channels").asInt(),
                "causal_temporal_positioning",
                false,
                "quantization_config",
                "null"));
        for (String property : List.of("num_attention_heads", "attention_head_dim", "num_layers")) {
            connectors.copyAs(official, "video_connector_" + property, "connector_" + property);
            connectors.copyAs(official, "audio_connector_" + property, "audio_connector_" + property);
        }
        connectors.copyAs(official, "video_connector_num_learnable_registers", "connector_num_learnable_registers");
        connectors.fixed(Map.of(
                "audio_connector_num_learnable_registers",
                official.path("connector_num_learnable_registers").asInt()));
        official.putArray("connector_positional_embedding_max_pos")
                .add(connectors.require("connector_rope_base_seq_len"));
        official.put(
                "connector_apply_gated_attention",
                connectors.flagOfBoth("video_gated_attn", "audio_gated_attn", false));
        // The text model and the connectors' sizes say these too; their weights are checked against those.
        connectors.ignore("text_proj_in_factor", "video_hidden_dim", "audio_hidden_dim");
    }
}
