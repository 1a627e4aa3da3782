package io.zoetrope.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/// Texts of clients without the halves of surrogate pairs: JSON can escape them, but they are no Unicode, and strict
/// readers of the trail would stop at them.
final class WellFormedText {

    private static final int REPLACEMENT = 0xFFFD;

    private WellFormedText() {}

    static String of(String text) {
        return isWellFormed(text)
                ? text
                : text.codePoints()
                        .map(point -> isHalf(point) ? REPLACEMENT : point)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    /// The same tree, or a copy if something in it had to be replaced.
    static JsonNode in(JsonNode tree) {
        return isWellFormed(tree) ? tree : repaired(tree);
    }

    private static boolean isWellFormed(JsonNode tree) {
        return switch (tree) {
            case TextNode text -> isWellFormed(text.textValue());
            case ObjectNode object ->
                object.properties().stream()
                        .allMatch(field -> isWellFormed(field.getKey()) && isWellFormed(field.getValue()));
            case ArrayNode array -> array.valueStream().allMatch(WellFormedText::isWellFormed);
            default -> true;
        };
    }

    private static JsonNode repaired(JsonNode tree) {
        return switch (tree) {
            case TextNode text -> TextNode.valueOf(of(text.textValue()));
            case ObjectNode object -> {
                ObjectNode copy = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(field -> copy.set(of(field.getKey()), repaired(field.getValue())));
                yield copy;
            }
            case ArrayNode array -> {
                ArrayNode copy = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> copy.add(repaired(item)));
                yield copy;
            }
            default -> tree;
        };
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(WellFormedText::isHalf);
    }

    private static boolean isHalf(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
}
