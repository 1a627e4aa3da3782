package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.layer.RotaryTable;
import java.util.List;

/// The shape of a transformer, from `config.transformer` of a checkpoint. Versions 2.0 and 2.3 differ in these
/// values only.
///
/// @param video                      the picture's stream
/// @param audio                      the sound's stream
/// @param heads                      N, the same in both streams
/// @param blocks                     number of blocks
/// @param rotary                     how angles are made
/// @param epsilon                    of all norms
/// @param timestepScale              factor from noise level to timestep (1000)
/// @param crossTimestepScale         the same for the gates between the streams
/// @param gatedAttention             whether every attention has gates (2.3)
/// @param textModulation             whether text attention is modulated by the timestep (2.3)
/// @param promptHead                 whether the text's modulation has heads of its own, or the blocks' tables
///         alone
/// @param captionWidth               width of the text contexts that a projection inside brings to the streams'
///         widths; 0 if
///                                   they come in those widths (2.3)
public record TransformerConfig(
        StreamConfig video,
        StreamConfig audio,
        int heads,
        int blocks,
        RotaryTable.Config rotary,
        double epsilon,
        double timestepScale,
        double crossTimestepScale,
        boolean gatedAttention,
        boolean textModulation,
        boolean promptHead,
        int captionWidth) {

    /// What one stream has of its own.
    ///
    /// @param headWidth        d
    /// @param width            D
    /// @param inputChannels    width of a noisy token
    /// @param outputChannels   width of its velocity
    /// @param maximumPositions greatest position per axis, by which positions are divided
    /// @param feedForwardBias  whether the feed-forward has biases
    public record StreamConfig(
            int headWidth,
            int width,
            int inputChannels,
            int outputChannels,
            List<Integer> maximumPositions,
            boolean feedForwardBias) {}

    private static final int MODULATION_VECTORS = 6;
    private static final int MODULATION_VECTORS_WITH_TEXT = 9;

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException for values that the engine does not implement
    public static TransformerConfig of(ConfigSection config) {
        requireImplemented(config);
        int heads = config.integer("num_attention_heads", 32);
        int audioHeads = config.integer("audio_num_attention_heads", 32);
        if (heads != audioHeads) {
            throw config.refusal("audio_num_attention_heads", audioHeads, heads + ", as num_attention_heads");
        }
        boolean projectionOutside = config.flag("caption_proj_before_connector", false);
        return new TransformerConfig(
                new StreamConfig(
                        config.integer("attention_head_dim", 128),
                        heads * config.integer("attention_head_dim", 128),
                        config.integer("in_channels", 128),
                        config.integer("out_channels", 128),
                        config.integers("positional_embedding_max_pos", List.of(20, 2048, 2048)),
                        config.flag("ff_bias", true)),
                new StreamConfig(
                        config.integer("audio_attention_head_dim", 64),
                        heads * config.integer("audio_attention_head_dim", 64),
                        config.integer("audio_in_channels", 128),
                        config.integer("audio_out_channels", 128),
                        config.integers("audio_positional_embedding_max_pos", List.of(20)),
                        config.flag("audio_ff_bias", true)),
                heads,
                config.integer("num_layers", 48),
                new RotaryTable.Config(
                        RotaryTable.Type.named(config.text("rope_type", "split")),
                        config.number("positional_embedding_theta", 10000),
                        config.text("frequencies_precision", "float32").equals("float64")),
                config.number("norm_eps", 1e-6),
                config.number("timestep_scale_multiplier", 1000),
                config.number("av_ca_timestep_scale_multiplier", 1),
                config.flag("apply_gated_attention", false),
                config.flag("cross_attention_adaln", false),
                config.flag("use_prompt_adaln_single", true),
                projectionOutside ? 0 : config.integer("caption_channels"));
    }

    /// Modulation vectors of a block and stream.
    public int modulationVectors() {
        return textModulation ? MODULATION_VECTORS_WITH_TEXT : MODULATION_VECTORS;
    }

    /// Whether the text's keys and values are the same in all steps of a request.
    public boolean textIndependentOfStep() {
        return !textModulation || !promptHead;
    }

    private static void requireImplemented(ConfigSection config) {
        config.require("dropout", 0);
        config.require("attention_bias", true);
        config.require("activation_fn", "gelu-approximate");
        config.require("num_embeds_ada_norm", 1000);
        config.require("use_linear_projection", false);
        config.require("only_cross_attention", false);
        config.require("cross_attention_norm", true);
        config.require("double_self_attention", false);
        config.require("upcast_attention", false);
        config.require("standardization_norm", "rms_norm");
        config.require("norm_elementwise_affine", false);
        config.require("qk_norm", "rms_norm");
        config.require("positional_embedding_type", "rope");
        config.require("use_audio_video_cross_attention", true);
        config.require("share_ff", false);
        config.require("av_cross_ada_norm", true);
        config.require("use_middle_indices_grid", true);
        // A parameter of LTX-2.5, whose other differences are not implemented either.
        config.require("use_keyframes_abs_pos_embedding", false);
    }
}
