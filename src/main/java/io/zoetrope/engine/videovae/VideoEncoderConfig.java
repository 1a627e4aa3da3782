package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import java.util.List;
import java.util.Optional;

/// The shape of the video autoencoder's encoder, from `config.vae` of a checkpoint.
///
/// @param blocks      from the picture to the latent; none if the checkpoint has no encoder
/// @param padding     in space; in time encoders are causal
/// @param logVariance what the last layer says besides the mean
public record VideoEncoderConfig(List<Block> blocks, SpatialPadding padding, LogVariance logVariance) {

    /// Channels beside the mean, which the product never reads: the mean is the latent.
    public enum LogVariance {
        /// One channel for all.
        SHARED,
        /// As many as the mean has.
        PER_CHANNEL
    }

    /// An entry of the block list.
    public sealed interface Block {

        /// `res_x`: residual units of one width.
        record Residual(int layers) implements Block {}

        /// `res_x_y`: one residual unit that multiplies the width.
        record Widening(int multiplier) implements Block {}

        /// `compress_…_res`: half the size on some axes, the width multiplied; positions become channels.
        record Folding(boolean time, boolean space, int multiplier) implements Block {
            int timeStride() {
                return time ? 2 : 1;
            }

            int spaceStride() {
                return space ? 2 : 1;
            }

            /// Positions that become channels of one position.
            int positions() {
                return timeStride() * spaceStride() * spaceStride();
            }
        }

        /// `compress_…`: half the size on some axes by a convolution that steps over every second position.
        record Striding(boolean time, boolean space, int multiplier) implements Block {}

        /// `attn`: attention within each frame.
        record FrameAttention() implements Block {}
    }

    public VideoEncoderConfig {
        blocks = List.copyOf(blocks);
    }

    /// @param problems collects everything that is not implemented
    static VideoEncoderConfig of(ConfigSection config, int latentChannels, List<String> problems) {
        String mode = config.text("spatial_padding_mode", null);
        SpatialPadding padding = mode == null
                ? SpatialPadding.of(config, "encoder_spatial_padding_mode", "zeros", problems)
                : SpatialPadding.of(config, "spatial_padding_mode", mode, problems);
        List<Block> blocks = config.has("encoder_blocks") ? new Blocks(config, problems).read() : List.of();
        long width = latentChannels;
        for (Block block : blocks) {
            if (block instanceof Block.Folding folding && width * folding.multiplier() % folding.positions() != 0) {
                problems.add("encoder_blocks fold %d channels by %d into %d times as many, which leaves a rest"
                        .formatted(width, folding.positions(), folding.multiplier()));
                break;
            }
            width *= multiplier(block);
        }
        return new VideoEncoderConfig(blocks, padding, logVariance(config, problems));
    }

    /// How much wider a block's result is than its input.
    static int multiplier(Block block) {
        return switch (block) {
            case Block.Widening widening -> widening.multiplier();
            case Block.Folding folding -> folding.multiplier();
            case Block.Striding striding -> striding.multiplier();
            case Block.Residual _, Block.FrameAttention _ -> 1;
        };
    }

    /// Pixel frames of a latent frame after the first.
    int temporalScale() {
        return blocks.stream()
                .mapToInt(block -> switch (block) {
                    case Block.Folding folding -> folding.time() ? 2 : 1;
                    case Block.Striding striding -> striding.time() ? 2 : 1;
                    case Block.Residual _, Block.Widening _, Block.FrameAttention _ -> 1;
                })
                .reduce(1, Math::multiplyExact);
    }

    /// Patches of a latent cell, per axis.
    int spatialScale() {
        return blocks.stream()
                .mapToInt(block -> switch (block) {
                    case Block.Folding folding -> folding.space() ? 2 : 1;
                    case Block.Striding striding -> striding.space() ? 2 : 1;
                    case Block.Residual _, Block.Widening _, Block.FrameAttention _ -> 1;
                })
                .reduce(1, Math::multiplyExact);
    }

    private static LogVariance logVariance(ConfigSection config, List<String> problems) {
        String name = config.text("latent_log_var", "uniform");
        return switch (name) {
            case "uniform", "constant" -> LogVariance.SHARED;
            case "per_channel" -> LogVariance.PER_CHANNEL;
            default -> {
                problems.add("latent_log_var is %s, expected uniform, constant or per_channel".formatted(name));
                yield LogVariance.SHARED;
            }
        };
    }

    /// The key `encoder_blocks`.
    private static final class Blocks extends BlockList<Block> {

        Blocks(ConfigSection config, List<String> problems) {
            super(
                    config,
                    "encoder_blocks",
                    "res_x, res_x_y, compress_space, compress_time, compress_all, each also with _res, "
                            + "compress_all_x_y or attn",
                    problems);
        }

        @Override
        Block block(String name, JsonNode json, ConfigSection parameters) {
            return switch (name) {
                case "res_x" -> new Block.Residual(residual(json, parameters).layers());
                case "res_x_y" -> new Block.Widening(parameters.integer("multiplier", 2));
                case "compress_space_res" -> new Block.Folding(false, true, parameters.integer("multiplier", 2));
                case "compress_time_res" -> new Block.Folding(true, false, parameters.integer("multiplier", 2));
                case "compress_all_res" -> new Block.Folding(true, true, parameters.integer("multiplier", 2));
                case "compress_space" -> new Block.Striding(false, true, 1);
                case "compress_time" -> new Block.Striding(true, false, 1);
                case "compress_all" -> new Block.Striding(true, true, 1);
                case "compress_all_x_y" -> new Block.Striding(true, true, parameters.integer("multiplier", 2));
                case "attn" -> new Block.FrameAttention();
                default -> null;
            };
        }

        @Override
        Optional<String> problem(Block block) {
            int least = block instanceof Block.Residual residual ? residual.layers() : multiplier(block);
            if (least < 1) {
                return Optional.of("numbers above 0");
            }
            return block instanceof Block.Folding folding && folding.positions() % folding.multiplier() != 0
                    ? Optional.of("a multiplier that divides " + folding.positions())
                    : Optional.empty();
        }
    }
}
