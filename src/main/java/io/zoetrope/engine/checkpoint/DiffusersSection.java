package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The `config.json` of one network in a diffusers folder while it is being translated. Knows which keys were read:
/// those that nobody read have a meaning that is not known.
final class DiffusersSection {

    private static final System.Logger LOG = System.getLogger(DiffusersSection.class.getName());

    private final String name;
    private final JsonNode json;
    private final List<String> problems;
    private final Set<String> known = new TreeSet<>();

    /// @param name     of the network's folder
    /// @param problems collects what is missing or cannot be translated
    DiffusersSection(String name, JsonNode json, List<String> problems) {
        this.name = name;
        this.json = json;
        this.problems = problems;
    }

    /// The value under `key`; JSON null counts as absent.
    Optional<JsonNode> get(String key) {
        known.add(key);
        return Optional.of(json.path(key)).filter(value -> !value.isMissingNode() && !value.isNull());
    }

    /// The value under a key that has to be there; a missing node, after a problem was noted, if it is not.
    JsonNode require(String key) {
        return get(key).orElseGet(() -> {
            problem("%s is missing".formatted(key));
            return MissingNode.getInstance();
        });
    }

    /// Copies values that have the same name and meaning officially.
    void copy(ObjectNode official, String... keys) {
        for (String key : keys) {
            copyAs(official, key, key);
        }
    }

    void copyAs(ObjectNode official, String key, String officialKey) {
        JsonNode value = require(key);
        if (!value.isMissingNode()) {
            official.set(officialKey, value);
        }
    }

    /// Copies values whose absence means the same officially.
    void copyIfPresent(ObjectNode official, String... keys) {
        for (String key : keys) {
            get(key).ifPresent(value -> official.set(key, value));
        }
    }

    boolean flag(String key, boolean byDefault) {
        JsonNode value = get(key).orElse(null);
        if (value != null && !value.isBoolean()) {
            problem("%s is %s, expected true or false".formatted(key, value));
        }
        return value == null ? byDefault : value.asBoolean();
    }

    /// Two keys, one for each stream, that are one officially.
    boolean flagOfBoth(String video, String audio, boolean byDefault) {
        boolean value = flag(video, byDefault);
        if (flag(audio, byDefault) != value) {
            problem("%s is %s and %s is %s, expected the same".formatted(video, value, audio, !value));
        }
        return value;
    }

    List<Integer> integers(String key) {
        List<Integer> values = new ArrayList<>();
        JsonNode list = require(key);
        boolean fits = list.isArray();
        for (JsonNode value : list) {
            fits &= value.canConvertToInt() && value.isIntegralNumber();
            values.add(value.asInt());
        }
        if (!fits && !list.isMissingNode()) {
            problem("%s is %s, expected whole numbers".formatted(key, list));
        }
        return fits ? values : List.of();
    }

    /// Notes a problem for every key that is neither absent nor has the one value that can be translated.
    void fixed(Map<String, ?> expected) {
        known.addAll(expected.keySet());
        ConfigSection.of(name, json).deviations(expected).forEach(this::problem);
    }

    /// Marks keys that describe how diffusers computes, not what.
    void ignore(String... keys) {
        known.addAll(List.of(keys));
    }

    void problem(String text) {
        problems.add("%s/config.json: %s".formatted(name, text));
    }

    /// Warns of keys that nobody read.
    void finish() {
        List<String> unknown = json.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !key.startsWith("_") && !known.contains(key))
                .toList();
        if (!unknown.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "{0}/config.json: unknown keys {1}", name, unknown);
        }
    }
}
