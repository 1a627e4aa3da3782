package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// One object of a checkpoint's configuration, read with defaults for absent keys. A value of the wrong kind,
/// or one that the engine does not implement, is refused with the path of its key.
public final class ConfigSection {

    private final String path;
    private final JsonNode node;

    private ConfigSection(String path, JsonNode node) {
        this.path = path;
        this.node = node;
    }

    public static ConfigSection of(String path, JsonNode node) {
        return new ConfigSection(path, node);
    }

    public boolean has(String key) {
        return !get(key).isMissingNode();
    }

    /// The object under `key`; empty if absent.
    public ConfigSection section(String key) {
        return new ConfigSection(path + "." + key, get(key));
    }

    public JsonNode json() {
        return node;
    }

    public int integer(String key, int byDefault) {
        JsonNode value = get(key);
        return value.isMissingNode() ? byDefault : integer(key);
    }

    public int integer(String key) {
        JsonNode value = present(key);
        if (!value.canConvertToInt() || value.asDouble() != value.asInt()) {
            throw refusal(key, value, "a whole number");
        }
        return value.asInt();
    }

    public OptionalInt optionalInteger(String key) {
        return has(key) ? OptionalInt.of(integer(key)) : OptionalInt.empty();
    }

    public double number(String key, double byDefault) {
        JsonNode value = get(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isNumber()) {
            throw refusal(key, value, "a number");
        }
        return value.asDouble();
    }

    public boolean flag(String key, boolean byDefault) {
        JsonNode value = get(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isBoolean()) {
            throw refusal(key, value, "true or false");
        }
        return value.asBoolean();
    }

    public String text(String key, String byDefault) {
        JsonNode value = get(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isTextual()) {
            throw refusal(key, value, "a string");
        }
        return value.asText();
    }

    public Optional<String> optionalText(String key) {
        return Optional.ofNullable(text(key, null));
    }

    public List<Integer> integers(String key, List<Integer> byDefault) {
        JsonNode value = get(key);
        if (value.isMissingNode()) {
            return byDefault;
        }
        if (!value.isArray()) {
            throw refusal(key, value, "an array of whole numbers");
        }
        List<Integer> values = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.canConvertToInt()) {
                throw refusal(key, value, "an array of whole numbers");
            }
            values.add(item.asInt());
        }
        return List.copyOf(values);
    }

    /// Refuses the configuration unless `key` is absent or has the one value that is implemented.
    public void require(String key, Object expected) {
        if (deviates(key, expected)) {
            throw refusal(key, get(key), String.valueOf(expected));
        }
    }

    /// One problem for each key, in alphabetical order, that is neither absent nor has the value expected.
    public List<String> deviations(Map<String, ?> expected) {
        return new TreeMap<>(expected)
                .entrySet().stream()
                        .filter(entry -> deviates(entry.getKey(), entry.getValue()))
                        .map(entry -> problem(entry.getKey(), get(entry.getKey()), entry.getValue()))
                        .toList();
    }

    private boolean deviates(String key, Object expected) {
        JsonNode value = get(key);
        boolean same = value.isMissingNode()
                || (expected instanceof Number number
                        ? value.isNumber() && value.asDouble() == number.doubleValue()
                        : value.asText().equals(String.valueOf(expected)));
        return !same;
    }

    /// The error for a value that cannot be used.
    public CheckpointException refusal(String key, Object found, String expected) {
        return refusal(List.of(problem(key, found, expected)));
    }

    /// The error for everything that is wrong with this object.
    public CheckpointException refusal(List<String> problems) {
        return new CheckpointException("config." + path, problems);
    }

    private static String problem(String key, Object found, Object expected) {
        return "%s is %s, expected %s".formatted(key, found, expected);
    }

    /// JSON null counts as absent, as in the published files.
    private JsonNode get(String key) {
        JsonNode value = node.path(key);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    private JsonNode present(String key) {
        JsonNode value = get(key);
        if (value.isMissingNode()) {
            throw new CheckpointException("config." + path, key + " is missing");
        }
        return value;
    }

    @Override
    public String toString() {
        return path;
    }
}
