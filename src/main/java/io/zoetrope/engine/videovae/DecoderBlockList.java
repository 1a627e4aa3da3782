package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.videovae.VideoVaeConfig.Block;
import java.util.List;
import java.util.Optional;

/// The key `decoder_blocks`.
final class DecoderBlockList extends BlockList<Block> {

    DecoderBlockList(ConfigSection config, List<String> problems) {
        super(
                config,
                "decoder_blocks",
                "res_x, res_x_y, compress_space, compress_time, compress_all or attn",
                problems);
    }

    @Override
    Block block(String name, JsonNode json, ConfigSection parameters) {
        return switch (name) {
            case "res_x" -> residual(json, parameters);
            case "res_x_y" ->
                new Block.Narrowing(parameters.integer("multiplier", 2), parameters.flag("inject_noise", false));
            case "compress_space" -> expansion(parameters, false, true);
            case "compress_time" -> expansion(parameters, true, false);
            case "compress_all" -> expansion(parameters, true, true);
            case "attn" -> new Block.FrameAttention();
            default -> null;
        };
    }

    @Override
    Optional<String> problem(Block block) {
        boolean fits = switch (block) {
            case Block.Residual residual -> residual.layers() > 0;
            case Block.Narrowing narrowing -> narrowing.multiplier() > 0;
            case Block.Expansion expansion -> expansion.multiplier() > 0;
            case Block.FrameAttention _ -> true;
        };
        if (!fits) {
            return Optional.of("numbers above 0");
        }
        return block instanceof Block.Expansion expansion
                        && expansion.residual()
                        && expansion.positions() % expansion.multiplier() != 0
                ? Optional.of("a multiplier that divides " + expansion.positions())
                : Optional.empty();
    }

    private static Block.Expansion expansion(ConfigSection parameters, boolean time, boolean space) {
        // The reference reads `residual` of blocks that expand all axes only.
        return new Block.Expansion(
                time, space, parameters.integer("multiplier", 1), time && space && parameters.flag("residual", false));
    }
}
