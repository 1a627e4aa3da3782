package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The shape of the video autoencoder, from `config.vae` of a checkpoint.
///
/// @param latentChannels      C
/// @param patchSize           pixels that a channel of the last layer spreads over, per axis
/// @param decoderBlocks       in the order of decoding, from the latent to the picture
/// @param padding             in space, of the decoder
/// @param causal              whether the decoder's convolutions look back only
/// @param timestepConditioning whether the decoder removes a last bit of noise
/// @param baseChannels        width of the decoder's last block
/// @param encoder             the other direction
public record VideoVaeConfig(
        int latentChannels,
        int patchSize,
        List<Block> decoderBlocks,
        SpatialPadding padding,
        boolean causal,
        boolean timestepConditioning,
        int baseChannels,
        VideoEncoderConfig encoder) {

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

        /// @param problems collects the refusal of a mode that is not known
        static SpatialPadding of(ConfigSection config, String key, String byDefault, List<String> problems) {
            String name = config.text(key, byDefault);
            return switch (name) {
                case "zeros" -> ZEROS;
                case "reflect" -> REFLECT;
                case "replicate" -> REPLICATE;
                case "circular" -> CIRCULAR;
                default -> {
                    problems.add("%s is %s, expected zeros, reflect, replicate or circular".formatted(key, name));
                    yield ZEROS;
                }
            };
        }
    }

    /// An entry of the decoder's block list.
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

    /// @throws CheckpointException listing everything that is not implemented
    public static VideoVaeConfig of(ConfigSection config) {
        List<String> problems = new ArrayList<>(config.deviations(FIXED));
        // The two versions differ here: 2.3 sets the mode, 2.0 leaves the decoder at its default.
        SpatialPadding padding = SpatialPadding.of(config, "spatial_padding_mode", "reflect", problems);
        List<Block> blocks = new DecoderBlockList(config, problems).read();
        int latentChannels = positive(config, "latent_channels", 128, problems);
        VideoVaeConfig read = new VideoVaeConfig(
                latentChannels,
                positive(config, "patch_size", 4, problems),
                blocks.reversed(),
                padding,
                config.flag("causal_decoder", false),
                config.flag("timestep_conditioning", true), // unlike in the releases, which all say false
                positive(config, "decoder_base_channels", 128, problems),
                VideoEncoderConfig.of(config, latentChannels, problems));
        if (!problems.isEmpty()) {
            throw config.refusal(problems);
        }
        return read;
    }

    /// Refuses to encode with a configuration that describes no encoder, or one for latents of another size than the
    /// decoder's.
    ///
    /// @throws CheckpointException naming what is wrong
    void requireEncoder() {
        List<String> problems = new ArrayList<>();
        if (encoder.blocks().isEmpty()) {
            problems.add("encoder_blocks is missing: nothing can be encoded, only decoded");
        } else if (encoder.temporalScale() != temporalScale() || encoder.spatialScale() * patchSize != spatialScale()) {
            problems.add("encoder_blocks shrink time by %d and space by %d, decoder_blocks expand by %d and %d"
                    .formatted(
                            encoder.temporalScale(),
                            encoder.spatialScale() * patchSize,
                            temporalScale(),
                            spatialScale()));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException("config.vae", problems);
        }
    }

    /// Of the decoder.
    Borders borders() {
        return new Borders(causal, padding);
    }

    /// Width of the decoder's first block.
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

    /// How this model's latents lie over a clip.
    public LatentGrid grid() {
        return new LatentGrid(temporalScale(), spatialScale(), smallestSide());
    }

    /// Shortest latent height or width that can be decoded: a reflection needs a second row.
    public int smallestSide() {
        return padding == SpatialPadding.REFLECT ? 2 : 1;
    }

    private static int positive(ConfigSection config, String key, int byDefault, List<String> problems) {
        int value = config.integer(key, byDefault);
        if (value < 1) {
            problems.add("%s is %d, expected a number above 0".formatted(key, value));
        }
        return value;
    }
}
