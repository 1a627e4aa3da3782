package io.zoetrope.engine.videovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.videovae.VideoVaeConfig.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a list of blocks, `[["res_x", {"num_layers": 5}], ["compress_all", {"multiplier": 2}], …]`, as a checkpoint
/// writes it: from the picture to the latent.
///
/// @param <B> what the entries of the list are
abstract class BlockList<B> {

    private final ConfigSection config;
    private final String key;
    private final String names;
    private final List<String> problems;

    /// @param names    of the blocks that are known, for messages
    /// @param problems collects what is wrong with the list
    BlockList(ConfigSection config, String key, String names, List<String> problems) {
        this.config = config;
        this.key = key;
        this.names = names;
        this.problems = problems;
    }

    /// One entry; null if its name is not known.
    ///
    /// @param json       what follows the name: an object, or the number of layers
    /// @param parameters the object
    abstract B block(String name, JsonNode json, ConfigSection parameters);

    /// What a block should be, if it is not.
    abstract Optional<String> problem(B block);

    /// @return the blocks that can be used
    List<B> read() {
        JsonNode list = config.json().path(key);
        if (!list.isArray() || list.isEmpty()) {
            problems.add("%s is %s, expected a list of blocks".formatted(key, list.isMissingNode() ? "missing" : list));
            return List.of();
        }
        List<B> blocks = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            usable(list.get(index), "%s[%d]".formatted(key, index)).ifPresent(blocks::add);
        }
        return List.copyOf(blocks);
    }

    /// The parameter `num_layers`, or the number that stands in its object's place.
    static Block.Residual residual(JsonNode json, ConfigSection parameters) {
        return new Block.Residual(
                json.isInt() ? json.asInt() : parameters.integer("num_layers"), parameters.flag("inject_noise", false));
    }

    private Optional<B> usable(JsonNode entry, String place) {
        JsonNode json = entry.path(1);
        B block = block(entry.path(0).asText(), json, ConfigSection.of("%s.%s".formatted(config, place), json));
        if (block == null) {
            problems.add("%s is %s, expected %s".formatted(place, entry.path(0), names));
            return Optional.empty();
        }
        Optional<String> problem = problem(block);
        problem.ifPresent(text -> problems.add("%s is %s, expected %s".formatted(place, entry, text)));
        return problem.isEmpty() ? Optional.of(block) : Optional.empty();
    }
}
