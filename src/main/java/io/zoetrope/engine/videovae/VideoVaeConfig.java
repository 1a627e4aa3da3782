package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;

/// The shape of the video autoencoder's decoder, from `config.vae` of a checkpoint.
///
/// @param latentChannels      C
/// @param patchSize           pixels that a channel of the last layer spreads over, per axis
/// @param decoderBlocks       in the order of decoding, from the latent to the picture
/// @param padding             in space
/// @param causal              whether convolutions look back only
/// @param timestepConditioning whether the decoder removes a last bit of noise
/// @param baseChannels        width of the last block
public record VideoVaeConfig(
        int latentChannels,
        int patchSize,
        List<Block> decoderBlocks,
        SpatialPadding padding,
        boolean causal,
        boolean timestepConditioning,
        int baseChannels) {

    /// How the borders of a picture go on.
    public enum SpatialPadding {
        ZEROS("constant"),
        REFLECT("reflect"),
        REPLICATE("replicate"),
        CIRCULAR("circular");

        private final String mode;

        SpatialPadding(String mode) {
            this.mode = mode;
        }

        /// The name that the tensor library knows.
        String mode() {
            return mode;
        }
    }

    /// An entry of a block list.
    public sealed interface Block {

        /// `res_x`: residual units of one width.
        record Residual(int layers, boolean injectNoise) implements Block {}

        /// `res_x_y`: one residual unit that divides the width.
        record Narrowing(int multiplier, boolean injectNoise) implements Block {}

        /// `compress_space`, `compress_time`, `compress_all`: twice the size on some axes, the width divided.
        record Expansion(boolean time, boolean space, int multiplier, boolean residual) implements Block {
            int timeStride() {
                return time ? 2 : 1;
            }

            int spaceStride() {
                return space ? 2 : 1;
            }

            /// Channels that become one channel of more positions.
            int positions() {
                return timeStride() * spaceStride() * spaceStride();
            }
        }

        /// `attn`: attention within each frame.
        record FrameAttention() implements Block {}
    }

    public VideoVaeConfig {
        decoderBlocks = List.copyOf(decoderBlocks);
    }

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException for what the engine does not implement
    public static VideoVaeConfig of(ConfigSection config) {
        config.require("_class_name", "CausalVideoAutoencoder");
        config.require("dims", 3);
        config.require("out_channels", 3);
        config.require("norm_layer", "pixel_norm");
        return new VideoVaeConfig(
                config.integer("latent_channels", 128),
                config.integer("patch_size", 4),
                blocks(config, "decoder_blocks").reversed(),
                padding(config, config.text("spatial_padding_mode", "reflect")),
                config.flag("causal_decoder", false),
                config.flag("timestep_conditioning", true),
                config.integer("decoder_base_channels", 128));
    }

    /// Width of the first block.
    public int bottleneck() {
        int width = baseChannels;
        for (Block block : decoderBlocks) {
            width *= switch (block) {
                case Block.Expansion expansion -> expansion.multiplier();
                case Block.Narrowing narrowing -> narrowing.multiplier();
                case Block.Residual _, Block.FrameAttention _ -> 1;
            };
        }
        return width;
    }

    /// Pixel frames of a latent frame after the first.
    public int temporalScale() {
        int scale = 1;
        for (Block block : decoderBlocks) {
            scale *= block instanceof Block.Expansion expansion ? expansion.timeStride() : 1;
        }
        return scale;
    }

    /// Pixels of a latent cell, per axis.
    public int spatialScale() {
        int scale = patchSize;
        for (Block block : decoderBlocks) {
            scale *= block instanceof Block.Expansion expansion ? expansion.spaceStride() : 1;
        }
        return scale;
    }

    /// Shortest latent height or width that can be decoded: a reflection needs a second row.
    public int smallestSide() {
        return padding == SpatialPadding.REFLECT ? 2 : 1;
    }

    private static SpatialPadding padding(ConfigSection config, String name) {
        return switch (name) {
            case "zeros" -> SpatialPadding.ZEROS;
            case "reflect" -> SpatialPadding.REFLECT;
            case "replicate" -> SpatialPadding.REPLICATE;
            case "circular" -> SpatialPadding.CIRCULAR;
            default -> throw config.refusal("spatial_padding_mode", name, "zeros, reflect, replicate or circular");
        };
    }

    private static List<Block> blocks(ConfigSection config, String key) {
        JsonNode list = config.json().path(key);
        if (!list.isArray() || list.isEmpty()) {
            throw config.refusal(key, list, "a list of blocks");
        }
        List<Block> blocks = new ArrayList<>();
        for (JsonNode entry : list) {
            String name = entry.path(0).asText();
            JsonNode json = entry.path(1);
            ConfigSection parameters = ConfigSection.of(config + "." + key + "." + name, json);
            blocks.add(
                    switch (name) {
                        case "res_x" ->
                            new Block.Residual(
                                    json.isInt() ? json.asInt() : parameters.integer("num_layers"),
                                    parameters.flag("inject_noise", false));
                        case "res_x_y" ->
                            new Block.Narrowing(
                                    parameters.integer("multiplier", 2), parameters.flag("inject_noise", false));
                        case "compress_space" -> expansion(parameters, false, true);
                        case "compress_time" -> expansion(parameters, true, false);
                        case "compress_all" -> expansion(parameters, true, true);
                        case "attn" -> new Block.FrameAttention();
                        default ->
                            throw config.refusal(
                                    key, name, "res_x, res_x_y, compress_space, compress_time, compress_all or attn");
                    });
        }
        return blocks;
    }

    private static Block.Expansion expansion(ConfigSection parameters, boolean time, boolean space) {
        // The reference reads `residual` of blocks that expand all axes only.
        return new Block.Expansion(
                time, space, parameters.integer("multiplier", 1), time && space && parameters.flag("residual", false));
    }
}
