package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/// Writes what was typed into the JSON of a request. What is null was not typed.
final class Written {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Written() {}

    static void text(ObjectNode node, String field, String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    static void number(ObjectNode node, String field, String value) {
        if (value != null) {
            node.set(field, value(value));
        }
    }

    static void numbers(ObjectNode node, String field, List<String> values) {
        if (values != null) {
            var array = node.putArray(field);
            values.forEach(value -> array.add(value(value)));
        }
    }

    /// A number if it is one; otherwise the text, which the reader will refuse with the field's name.
    static JsonNode value(String text) {
        try {
            return NODES.numberNode(new BigDecimal(text.strip()));
        } catch (NumberFormatException _) {
            return NODES.textNode(text);
        }
    }
}
