package io.zoetrope.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.FieldType.Group;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Holds bytes that should be a JSON object against a table of fields. Never throws for what the bytes contain.
public final class StrictJson {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(400)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES) // they are strangers'
                    .build())
            // NaN is no JSON, but its author learns more from the field's name than from a column
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /// What came of it.
    ///
    /// @param valid    the fields that are right, in the order of the table; numbers that must be whole are whole,
    ///                 seeds are decimal strings
    /// @param problems everything else
    public record Checked(ObjectNode valid, List<Problem> problems) {}

    /// Reads `json`, an object with the fields of `fields` and no others, of at most `mostBytes`.
    public static Checked read(byte[] json, int mostBytes, Group fields) {
        Problems problems = new Problems();
        ObjectNode valid = JsonNodeFactory.instance.objectNode();
        if (json.length > mostBytes) {
            problems.add("", "too-large", json.length + " bytes", "at most %d bytes".formatted(mostBytes), null);
            return new Checked(valid, problems.list());
        }
        try {
            Set<String> repeated = repeatedFields(json, problems);
            JsonNode root = MAPPER.readTree(json);
            if (root instanceof ObjectNode object) {
                valid = new FieldChecker(problems, repeated).object(object, fields);
            } else {
                problems.add("", "not-an-object", root.toString(), "a JSON object", null);
            }
        } catch (IOException e) {
            problems.add("", "not-json", null, "JSON text; " + placeOf(e), null);
        } catch (NumberFormatException e) { // legal JSON, but an exponent of more than 32 bits
            problems.add("", "not-json", null, "JSON text whose numbers have exponents of at most nine digits", null);
        }
        return new Checked(valid, problems.list());
    }

    /// The paths of fields that stand more than once in their object: a tree would silently keep the last.
    private static Set<String> repeatedFields(byte[] json, Problems problems) throws IOException {
        Set<String> repeated = new HashSet<>();
        Deque<Set<String>> open = new ArrayDeque<>();
        try (JsonParser parser = MAPPER.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    open.push(new HashSet<>());
                } else if (token == JsonToken.END_OBJECT) {
                    open.pop();
                } else if (token == JsonToken.FIELD_NAME && !open.element().add(parser.currentName())) {
                    String path = pathOf(parser.getParsingContext());
                    if (repeated.add(path)) {
                        problems.add(path, "duplicate-field", null, "each field at most once", null);
                    }
                }
            }
        }
        return repeated;
    }

    private static String pathOf(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        if (parent == null) {
            return "";
        }
        String above = pathOf(parent);
        if (parent.inArray()) {
            above += "[" + parent.getCurrentIndex() + "]";
        }
        return context.inObject() ? FieldChecker.under(above, context.getCurrentName()) : above;
    }

    private static String placeOf(IOException failure) {
        if (failure instanceof JsonProcessingException atPlace && atPlace.getLocation() != null) {
            JsonLocation place = atPlace.getLocation();
            String reason = atPlace.getOriginalMessage().lines().findFirst().orElse("");
            return "line %d, column %d: %s".formatted(place.getLineNr(), place.getColumnNr(), reason);
        }
        return String.valueOf(failure.getMessage());
    }
}
