package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.videovae.VideoVaeConfig.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a list of blocks, `[["res_x", {"num_layers": 5}], ["compress_all", {"multiplier": 2}], …]`, as a checkpoint
/// writes it: from the picture to the latent.
final class BlockList {

    private static final String NAMES = "res_x, res_x_y, compress_space, compress_time, compress_all or attn";

    private final ConfigSection config;
    private final String key;
    private final List<String> problems;

    /// @param problems collects what is wrong with the list
    BlockList(ConfigSection config, String key, List<String> problems) {
        this.config = config;
        this.key = key;
        this.problems = problems;
    }

    /// @return the blocks that can be used
    List<Block> read() {
        JsonNode list = config.json().path(key);
        if (!list.isArray() || list.isEmpty()) {
            problems.add("%s is %s, expected a list of blocks".formatted(key, list.isMissingNode() ? "missing" : list));
            return List.of();
        }
        List<Block> blocks = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            block(list.get(index), "%s[%d]".formatted(key, index)).ifPresent(blocks::add);
        }
        return List.copyOf(blocks);
    }

    private Optional<Block> block(JsonNode entry, String place) {
        String name = entry.path(0).asText();
        JsonNode json = entry.path(1);
        ConfigSection parameters = ConfigSection.of("%s.%s".formatted(config, place), json);
        Block block = switch (name) {
            case "res_x" ->
                new Block.Residual(
                        json.isInt() ? json.asInt() : parameters.integer("num_layers"),
                        parameters.flag("inject_noise", false));
            case "res_x_y" ->
                new Block.Narrowing(parameters.integer("multiplier", 2), parameters.flag("inject_noise", false));
            case "compress_space" -> expansion(parameters, false, true);
            case "compress_time" -> expansion(parameters, true, false);
            case "compress_all" -> expansion(parameters, true, true);
            case "attn" -> new Block.FrameAttention();
            default -> null;
        };
        if (block == null) {
            problems.add("%s is %s, expected %s".formatted(place, entry.path(0), NAMES));
            return Optional.empty();
        }
        Optional<String> problem = problem(block);
        problem.ifPresent(text -> problems.add("%s is %s, expected %s".formatted(place, entry, text)));
        return problem.isEmpty() ? Optional.of(block) : Optional.empty();
    }

    private static Block.Expansion expansion(ConfigSection parameters, boolean time, boolean space) {
        // The reference reads `residual` of blocks that expand all axes only.
        return new Block.Expansion(
                time, space, parameters.integer("multiplier", 1), time && space && parameters.flag("residual", false));
    }

    /// What a block should be, if it is not.
    private static Optional<String> problem(Block block) {
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
}
