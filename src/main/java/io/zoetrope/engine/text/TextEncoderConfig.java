package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.layer.RotaryTable;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The shape of what lies between the text model and the transformer, from `config.transformer` of a checkpoint.
///
/// @param variant      how features are made of hidden states
/// @param featureWidth of the features that both streams share (2.0)
/// @param video   connector of the picture's context
/// @param audio   connector of the sound's context
public record TextEncoderConfig(Variant variant, int featureWidth, ConnectorConfig video, ConnectorConfig audio) {

    /// How the hidden states of all layers become features.
    public enum Variant {
        /// Normalised by mean and range over a prompt, one projection for both streams (2.0).
        MEAN_AND_RANGE,
        /// Normalised per token, a projection for each stream (2.3).
        PER_TOKEN
    }

    /// @param layers          number of blocks
    /// @param maximumPosition that divides slot numbers
    /// @param gated           whether attention has gates
    /// @param feedForwardBias whether the feed-forward has biases
    public record ConnectorConfig(
            int heads,
            int headWidth,
            int layers,
            double maximumPosition,
            boolean gated,
            boolean feedForwardBias,
            RotaryTable.Config rotary) {

        /// D of the context.
        public int width() {
            return heads * headWidth;
        }
    }

    private static final String SWITCH = "caption_proj_before_connector";
    private static final Set<String> DETAILS =
            Set.of("caption_projection_first_linear", "caption_proj_input_norm", "caption_projection_second_linear");

    /// @throws CheckpointException for a mixture of the variants' keys
    public static TextEncoderConfig of(ConfigSection config) {
        int heads = config.integer("connector_num_attention_heads", 30);
        int headWidth = config.integer("connector_attention_head_dim", 128);
        int layers = config.integer("connector_num_layers", 2);
        return new TextEncoderConfig(
                variant(config),
                config.integer("caption_channels", heads * headWidth),
                connector(config, heads, headWidth, layers),
                connector(
                        config,
                        config.integer("audio_connector_num_attention_heads", heads),
                        config.integer("audio_connector_attention_head_dim", headWidth),
                        config.integer("audio_connector_num_layers", layers)));
    }

    /// The shared features of 2.0 go into both connectors as they are; those of 2.3 are projected to their widths.
    void requireFeaturesThatFitConnectors() {
        boolean fits = variant == Variant.PER_TOKEN || (featureWidth == video.width() && featureWidth == audio.width());
        if (!fits) {
            throw new CheckpointException(
                    "config.transformer",
                    "caption_channels is %d, expected the connectors' width, which is %d for video and %d for audio"
                            .formatted(featureWidth, video.width(), audio.width()));
        }
    }

    private static ConnectorConfig connector(ConfigSection config, int heads, int headWidth, int layers) {
        List<Integer> maximumPosition = config.integers("connector_positional_embedding_max_pos", List.of(1));
        if (maximumPosition.size() != 1 || maximumPosition.getFirst() < 1) {
            throw config.refusal("connector_positional_embedding_max_pos", maximumPosition, "one number from 1 on");
        }
        return new ConnectorConfig(
                heads,
                headWidth,
                layers,
                maximumPosition.getFirst(),
                config.flag("connector_apply_gated_attention", false),
                config.flag("connector_ff_bias", true),
                RotaryTable.Config.of(config));
    }

    private static Variant variant(ConfigSection config) {
        Set<String> present = DETAILS.stream().filter(config::has).collect(Collectors.toSet());
        if (!config.flag(SWITCH, false)) {
            if (!present.isEmpty()) {
                throw config.refusal(SWITCH, "absent or false while there are " + present, "all four keys or none");
            }
            return Variant.MEAN_AND_RANGE;
        }
        if (!present.equals(DETAILS)) {
            throw config.refusal(SWITCH, "true while there are only " + present, "all four keys or none");
        }
        DETAILS.forEach(detail -> config.require(detail, false));
        return Variant.PER_TOKEN;
    }
}
