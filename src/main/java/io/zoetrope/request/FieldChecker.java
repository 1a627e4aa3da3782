package io.zoetrope.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.FieldType.Choice;
import io.zoetrope.request.FieldType.Decimal;
import io.zoetrope.request.FieldType.Flag;
import io.zoetrope.request.FieldType.Group;
import io.zoetrope.request.FieldType.Items;
import io.zoetrope.request.FieldType.Moment;
import io.zoetrope.request.FieldType.SeedNumber;
import io.zoetrope.request.FieldType.Text;
import io.zoetrope.request.FieldType.TextMap;
import io.zoetrope.request.FieldType.Variants;
import io.zoetrope.request.FieldType.Whole;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Walks a JSON tree beside a table of fields: copies what is right, reports what is not. Single values are
/// left to a [ValueChecker].
final class FieldChecker {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Problems problems;
    private final Set<String> repeated;
    private final ValueChecker values;

    /// @param repeated paths of fields that were reported already, and that count as absent
    FieldChecker(Problems problems, Set<String> repeated) {
        this.problems = problems;
        this.repeated = repeated;
        this.values = new ValueChecker(problems);
    }

    /// The valid part of a whole document.
    ObjectNode object(ObjectNode found, Group fields) {
        return members("", found, fields, null);
    }

    static String under(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private Optional<JsonNode> check(String path, JsonNode found, FieldType type) {
        return switch (type) {
            case Text text -> values.text(path, found, text);
            case Whole whole -> values.whole(path, found, whole);
            case Decimal decimal -> values.decimal(path, found, decimal);
            case Flag flag -> found.isBoolean() ? Optional.of(found) : values.wrongType(path, found, flag);
            case Choice choice -> values.choice(path, found, choice);
            case SeedNumber seed -> values.seed(path, found, seed);
            case Moment moment -> values.moment(path, found, moment);
            case TextMap map -> textMap(path, found, map);
            case Items items -> items(path, found, items);
            case Group group ->
                found instanceof ObjectNode object
                        ? Optional.of(members(path, object, group, null))
                        : values.wrongType(path, found, group);
            case Variants variants -> variant(path, found, variants);
        };
    }

    private ObjectNode members(String path, ObjectNode found, Group group, String tag) {
        Set<String> names = Set.copyOf(group.names());
        for (Map.Entry<String, JsonNode> member : found.properties()) {
            String name = member.getKey();
            if (names.contains(name) || name.equals(tag)) {
                continue;
            }
            if (problems.isFull()) { // thousands of unknown fields shall not cost a search each
                problems.addUnlisted();
                continue;
            }
            problems.add(
                    under(path, name),
                    "unknown-field",
                    ValueChecker.textOf(member.getValue()),
                    group.allowed(),
                    NearestName.of(name, group.names()).orElse(null));
        }
        ObjectNode valid = NODES.objectNode();
        for (Field field : group.fields()) {
            String place = under(path, field.name());
            JsonNode value = found.get(field.name());
            if (repeated.contains(place)) {
                continue;
            }
            if (value != null) {
                check(place, value, field.type()).ifPresent(right -> valid.set(field.name(), right));
            } else if (field.required()) {
                problems.add(place, "missing", null, field.type().allowed(), null);
            }
        }
        return valid;
    }

    private Optional<JsonNode> variant(String path, JsonNode found, Variants variants) {
        if (!(found instanceof ObjectNode object)) {
            return values.wrongType(path, found, variants);
        }
        String place = under(path, variants.tag());
        JsonNode tag = object.get(variants.tag());
        if (repeated.contains(place)) {
            return Optional.empty();
        }
        if (tag == null) {
            return values.problem(place, "missing", null, variants.tags().allowed(), null);
        }
        Optional<JsonNode> known = values.choice(place, tag, variants.tags());
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Group group = variants.groups().get(tag.textValue());
        ObjectNode valid = members(path, object, group, variants.tag());
        boolean complete = group.fields().stream().allMatch(field -> !field.required() || valid.has(field.name()));
        return complete ? Optional.of(valid.set(variants.tag(), tag)) : Optional.empty();
    }

    private Optional<JsonNode> items(String path, JsonNode found, Items items) {
        if (!found.isArray()) {
            return values.wrongType(path, found, items);
        }
        if (found.size() > items.most()) {
            return values.problem(path, "too-many", found.size() + " entries", items.allowed(), null);
        }
        ArrayNode valid = NODES.arrayNode();
        for (int index = 0; index < found.size(); index++) {
            String place = "%s[%d]".formatted(path, index);
            int before = problems.count();
            check(place, found.get(index), items.each())
                    .filter(_ -> problems.count() == before && !hasRepeated(place)) // kept whole or not at all
                    .ifPresent(right -> {
                        boolean again = false;
                        for (JsonNode earlier : valid) {
                            again |= items.distinct() && earlier.equals(right);
                        }
                        if (again) {
                            problems.add(
                                    place, "repeated", ValueChecker.textOf(right), "each entry at most once", null);
                        } else {
                            valid.add(right);
                        }
                    });
        }
        return Optional.of(valid);
    }

    private boolean hasRepeated(String place) {
        return repeated.stream().anyMatch(path -> path.startsWith(place + "."));
    }

    private Optional<JsonNode> textMap(String path, JsonNode found, TextMap type) {
        if (!(found instanceof ObjectNode object)) {
            return values.wrongType(path, found, type);
        }
        ObjectNode valid = NODES.objectNode();
        long bytes = 0;
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String place = under(path, member.getKey());
            if (repeated.contains(place)) {
                continue;
            }
            if (!member.getValue().isTextual()) {
                values.wrongType(place, member.getValue(), new Text(true, type.mostBytes()));
            } else if (!ValueChecker.isPlain(member.getKey())
                    || !ValueChecker.isPlain(member.getValue().textValue())) {
                problems.add(
                        place,
                        "not-text",
                        ValueChecker.textOf(member.getValue()),
                        "Unicode text without control characters",
                        null);
            } else {
                valid.set(member.getKey(), member.getValue());
            }
            bytes += utf8(member.getKey()) + utf8(member.getValue().asText());
        }
        return bytes <= type.mostBytes()
                ? Optional.of(valid)
                : values.problem(path, "too-large", bytes + " bytes", type.allowed(), null);
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
