package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.layer.RotaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The shape of a transformer, from `config.transformer` of a checkpoint. Versions 2.0 and 2.3 differ in these
/// values only.
///
/// @param video              the picture's stream
/// @param audio              the sound's stream
/// @param heads              N, the same in both streams
/// @param blocks             number of blocks
/// @param rotary             how angles are made
/// @param epsilon            of all norms
/// @param timestepScale      factor from noise level to timestep (1000)
/// @param crossTimestepScale the same for the gates between the streams
/// @param gatedAttention     whether every attention has gates (2.3)
/// @param textModulation     whether text attention is modulated by the timestep (2.3)
/// @param promptHead         whether the text's modulation has heads of its own, or the blocks' tables alone
/// @param captionWidth       width of the text contexts that a projection inside brings to the streams' widths
///                           (2.0); 0 if they come in those widths (2.3)
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
    /// @param maximumPositions per axis, seconds or pixels, by which positions are divided
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
    private static final int VIDEO_AXES = 3;
    private static final int AUDIO_AXES = 1;

    /// Keys that have one value in every release; another one means a network that is not this one.
    private static final Map<String, Object> FIXED = Map.ofEntries(
            Map.entry("dropout", 0),
            Map.entry("attention_bias", true),
            Map.entry("activation_fn", "gelu-approximate"),
            Map.entry("num_embeds_ada_norm", 1000),
            Map.entry("use_linear_projection", false),
            Map.entry("only_cross_attention", false),
            Map.entry("cross_attention_norm", true),
            Map.entry("double_self_attention", false),
            Map.entry("upcast_attention", false),
            Map.entry("standardization_norm", "rms_norm"),
            Map.entry("norm_elementwise_affine", false),
            Map.entry("qk_norm", "rms_norm"),
            Map.entry("positional_embedding_type", "rope"),
            Map.entry("use_audio_video_cross_attention", true),
            Map.entry("share_ff", false),
            Map.entry("av_cross_ada_norm", true),
            Map.entry("use_middle_indices_grid", true),
            Map.entry("num_vector_embeds", "null"), // JSON null counts as absent
            Map.entry("caption_projection_first_linear", false),
            Map.entry("caption_projection_second_linear", false),
            Map.entry("caption_proj_input_norm", false),
            // A parameter of LTX-2.5, whose other differences are not implemented either.
            Map.entry("use_keyframes_abs_pos_embedding", false));

    private static final String PROJECTION_OUTSIDE = "caption_proj_before_connector";
    private static final List<String> PROJECTION_DETAILS =
            List.of("caption_projection_first_linear", "caption_projection_second_linear", "caption_proj_input_norm");

    /// Reads a configuration; absent keys have the published values.
    ///
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing everything that is not implemented
    public static TransformerConfig of(ConfigSection config) {
        int heads = config.integer("num_attention_heads", 32);
        boolean projectionOutside = config.flag(PROJECTION_OUTSIDE, false);
        StreamConfig video = new StreamConfig(
                config.integer("attention_head_dim", 128),
                heads * config.integer("attention_head_dim", 128),
                config.integer("in_channels", 128),
                config.integer("out_channels", 128),
                config.integers("positional_embedding_max_pos", List.of(20, 2048, 2048)),
                config.flag("ff_bias", true));
        StreamConfig audio = new StreamConfig(
                config.integer("audio_attention_head_dim", 64),
                heads * config.integer("audio_attention_head_dim", 64),
                config.integer("audio_in_channels", 128),
                config.integer("audio_out_channels", 128),
                config.integers("audio_positional_embedding_max_pos", List.of(20)),
                config.flag("audio_ff_bias", true));
        requireImplemented(config, heads, video, audio);
        return new TransformerConfig(
                video,
                audio,
                heads,
                config.integer("num_layers", 48),
                RotaryTable.Config.of(config),
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

    /// Width of the attention between the streams, all heads together.
    int crossWidth() {
        return audio.width();
    }

    /// The time that divides positions in the attention between the streams, seconds.
    int crossMaximumTime() {
        return Math.max(
                video.maximumPositions().getFirst(), audio.maximumPositions().getFirst());
    }

    /// From a timestep to what the gates between the streams take instead.
    double gateTimestepFactor() {
        return crossTimestepScale / timestepScale;
    }

    private static void requireImplemented(ConfigSection config, int heads, StreamConfig video, StreamConfig audio) {
        List<String> problems = new ArrayList<>(config.deviations(FIXED));
        problems.addAll(config.deviations(Map.of(
                "audio_num_attention_heads", heads,
                "cross_attention_dim", video.width(),
                "audio_cross_attention_dim", audio.width())));
        requireAxes(problems, "positional_embedding_max_pos", video, VIDEO_AXES);
        requireAxes(problems, "audio_positional_embedding_max_pos", audio, AUDIO_AXES);
        requireEven(problems, "attention_head_dim", video);
        requireEven(problems, "audio_attention_head_dim", audio);
        if (!config.flag(PROJECTION_OUTSIDE, false)) {
            PROJECTION_DETAILS.stream()
                    .filter(config::has)
                    .map(key -> "%s is given, expected none without %s".formatted(key, PROJECTION_OUTSIDE))
                    .forEach(problems::add);
        }
        if (!problems.isEmpty()) {
            throw config.refusal(problems);
        }
    }

    private static void requireAxes(List<String> problems, String key, StreamConfig stream, int axes) {
        List<Integer> maximum = stream.maximumPositions();
        if (maximum.size() != axes || maximum.stream().anyMatch(length -> length < 1)) {
            problems.add("%s is %s, expected %d numbers above 0".formatted(key, maximum, axes));
        }
    }

    private static void requireEven(List<String> problems, String key, StreamConfig stream) {
        if (stream.headWidth() < 2 || stream.headWidth() % 2 != 0) {
            problems.add("%s is %d, expected an even number above 0".formatted(key, stream.headWidth()));
        }
    }
}
