package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

    /// Keys that have one value in every release of this decoder.
    private static final Map<String, Object> FIXED =
            Map.of("_class_name", "CausalVideoAutoencoder", "dims", 3, "out_channels", 3, "norm_layer", "pixel_norm");

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

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing everything that is not implemented
    public static VideoVaeConfig of(ConfigSection config) {
        List<String> problems = new ArrayList<>(config.deviations(FIXED));
        // The two versions differ here: 2.3 sets the mode, 2.0 leaves the decoder at its default.
        SpatialPadding padding = padding(config.text("spatial_padding_mode", "reflect"), problems);
        List<Block> blocks = new BlockList(config, "decoder_blocks", problems).read();
        VideoVaeConfig read = new VideoVaeConfig(
                positive(config, "latent_channels", 128, problems),
                positive(config, "patch_size", 4, problems),
                blocks.reversed(),
                padding,
                config.flag("causal_decoder", false),
                config.flag("timestep_conditioning", true), // unlike in the releases, which all say false
                positive(config, "decoder_base_channels", 128, problems));
        if (!problems.isEmpty()) {
            throw config.refusal(problems);
        }
        return read;
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

    private static SpatialPadding padding(String name, List<String> problems) {
        return switch (name) {
            case "zeros" -> SpatialPadding.ZEROS;
            case "reflect" -> SpatialPadding.REFLECT;
            case "replicate" -> SpatialPadding.REPLICATE;
            case "circular" -> SpatialPadding.CIRCULAR;
            default -> {
                problems.add(
                        "spatial_padding_mode is %s, expected zeros, reflect, replicate or circular".formatted(name));
                yield SpatialPadding.ZEROS;
            }
        };
    }

    private static int positive(ConfigSection config, String key, int byDefault, List<String> problems) {
        int value = config.integer(key, byDefault);
        if (value < 1) {
            problems.add("%s is %d, expected a number above 0".formatted(key, value));
        }
        return value;
    }
}
