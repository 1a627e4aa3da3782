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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Walks a JSON tree beside a table of fields: copies what is right, reports what is not.
final class FieldChecker {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

    private final Problems problems;
    private final Set<String> repeated;

    /// @param repeated paths of fields that were reported already, and that count as absent
    FieldChecker(Problems problems, Set<String> repeated) {
        this.problems = problems;
        this.repeated = repeated;
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
            case Text text -> text(path, found, text);
            case Whole whole -> whole(path, found, whole);
            case Decimal decimal -> decimal(path, found, decimal);
            case Flag flag -> found.isBoolean() ? Optional.of(found) : wrongType(path, found, flag);
            case Choice choice -> choice(path, found, choice);
            case SeedNumber seed -> seed(path, found, seed);
            case Moment moment -> moment(path, found, moment);
            case TextMap map -> textMap(path, found, map);
            case Items items -> items(path, found, items);
            case Group group ->
                found instanceof ObjectNode object
                        ? Optional.of(members(path, object, group, null))
                        : wrongType(path, found, group);
            case Variants variants -> variant(path, found, variants);
        };
    }

    private ObjectNode members(String path, ObjectNode found, Group group, String tag) {
        for (Map.Entry<String, JsonNode> member : found.properties()) {
            String name = member.getKey();
            if (!group.names().contains(name) && !name.equals(tag)) {
                String nearest = NearestName.of(name, group.names()).orElse(null);
                problems.add(under(path, name), "unknown-field", textOf(member.getValue()), group.allowed(), nearest);
            }
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
            return wrongType(path, found, variants);
        }
        String place = under(path, variants.tag());
        JsonNode tag = object.get(variants.tag());
        if (repeated.contains(place)) {
            return Optional.empty();
        }
        if (tag == null) {
            return problem(place, "missing", null, variants.tags().allowed(), null);
        }
        Optional<JsonNode> known = choice(place, tag, variants.tags());
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
            return wrongType(path, found, items);
        }
        if (found.size() > items.most()) {
            return problem(path, "too-many", found.size() + " entries", items.allowed(), null);
        }
        ArrayNode valid = NODES.arrayNode();
        for (int index = 0; index < found.size(); index++) {
            String place = "%s[%d]".formatted(path, index);
            check(place, found.get(index), items.each())
                    .filter(right -> isComplete(right, items.each()))
                    .ifPresent(right -> {
                        boolean again = false;
                        for (JsonNode earlier : valid) {
                            again |= items.distinct() && earlier.equals(right);
                        }
                        if (again) {
                            problems.add(place, "repeated", textOf(right), "each entry at most once", null);
                        } else {
                            valid.add(right);
                        }
                    });
        }
        return Optional.of(valid);
    }

    /// An entry whose required fields are wrong cannot be kept in part, unlike the request itself.
    private static boolean isComplete(JsonNode right, FieldType type) {
        return !(type instanceof Group group)
                || group.fields().stream().allMatch(field -> !field.required() || right.has(field.name()));
    }

    private Optional<JsonNode> text(String path, JsonNode found, Text type) {
        if (!found.isTextual()) {
            return wrongType(path, found, type);
        }
        String text = found.textValue();
        if (!type.mayBeBlank() && text.isBlank()) {
            return problem(path, "empty", text, type.allowed(), null);
        }
        int length = text.codePointCount(0, text.length());
        if (length > type.longest()) {
            return problem(path, "too-long", "%d characters: %s".formatted(length, text), type.allowed(), null);
        }
        return isPlain(text)
                ? Optional.of(found)
                : problem(
                        path,
                        "not-text",
                        text,
                        "Unicode text without control characters or half surrogate pairs",
                        null);
    }

    private static boolean isPlain(String text) {
        return text.codePoints()
                .allMatch(point -> point == '\n'
                        || point == '\r'
                        || point == '\t'
                        || !(Character.isISOControl(point) && point != 0x85)
                                && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE));
    }

    private Optional<JsonNode> whole(String path, JsonNode found, Whole type) {
        Optional<BigDecimal> number = number(path, found, type);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        BigDecimal value = number.get();
        if (value.compareTo(BigDecimal.valueOf(type.least())) < 0
                || value.compareTo(BigDecimal.valueOf(type.most())) > 0) {
            String nearest = type.nearest(
                    value.signum() > 0 && value.compareTo(BigDecimal.valueOf(type.least())) > 0
                            ? type.most()
                            : type.least());
            return problem(path, "out-of-range", textOf(found), type.allowed(), nearest);
        }
        long floor = value.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
        if (value.stripTrailingZeros().scale() > 0) {
            return problem(path, "not-whole", textOf(found), type.allowed(), type.nearest(floor));
        }
        return type.contains(floor)
                ? Optional.of(NODES.numberNode(floor))
                : problem(path, "off-grid", textOf(found), type.allowed(), type.nearest(floor));
    }

    private Optional<JsonNode> decimal(String path, JsonNode found, Decimal type) {
        Optional<BigDecimal> number = number(path, found, type);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        BigDecimal value = number.get();
        return value.compareTo(type.least()) >= 0 && value.compareTo(type.most()) <= 0
                ? Optional.of(NODES.numberNode(value.doubleValue()))
                : problem(path, "out-of-range", textOf(found), type.allowed(), type.nearest(value));
    }

    private Optional<BigDecimal> number(String path, JsonNode found, FieldType type) {
        if (!found.isNumber()) {
            wrongType(path, found, type);
            return Optional.empty();
        }
        if (found.isDouble() || found.isFloat()) { // every finite fraction is read as a decimal
            problems.add(path, "not-finite", textOf(found), type.allowed(), null);
            return Optional.empty();
        }
        return Optional.of(found.decimalValue());
    }

    private Optional<JsonNode> choice(String path, JsonNode found, Choice type) {
        if (!found.isTextual()) {
            return wrongType(path, found, type);
        }
        String name = found.textValue();
        return type.names().contains(name)
                ? Optional.of(found)
                : problem(
                        path,
                        "unknown-name",
                        name,
                        type.allowed(),
                        NearestName.of(name, type.names()).orElse(null));
    }

    private Optional<JsonNode> seed(String path, JsonNode found, SeedNumber type) {
        if (found.isTextual()) {
            String decimal = found.textValue();
            if (!decimal.matches("[0-9]{1,400}")) {
                return problem(path, "wrong-format", decimal, type.allowed(), null);
            }
            return seed(path, new BigInteger(decimal), Seed.LARGEST, type);
        }
        Optional<BigDecimal> number = number(path, found, type);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        if (number.get().stripTrailingZeros().scale() > 0) {
            return problem(path, "not-whole", textOf(found), type.allowed(), null);
        }
        boolean vast = number.get().precision() - (long) number.get().scale() > 400;
        BigInteger value =
                vast ? Seed.LARGEST.add(BigInteger.ONE) : number.get().toBigInteger();
        return seed(path, value, BigInteger.valueOf(Seed.LARGEST_NUMBER), type);
    }

    private Optional<JsonNode> seed(String path, BigInteger value, BigInteger most, SeedNumber type) {
        if (value.signum() < 0 || value.compareTo(most) > 0) {
            String nearest = value.signum() < 0
                    ? "0"
                    : value.compareTo(Seed.LARGEST) > 0 ? Seed.LARGEST.toString() : value.toString();
            return problem(path, "out-of-range", value.toString(), type.allowed(), '"' + nearest + '"');
        }
        return Optional.of(NODES.textNode(value.toString()));
    }

    private Optional<JsonNode> moment(String path, JsonNode found, Moment type) {
        if (!found.isTextual()) {
            return wrongType(path, found, type);
        }
        String text = found.textValue();
        if (RFC_3339.matcher(text).matches()) {
            try {
                return Optional.of(
                        NODES.textNode(OffsetDateTime.parse(text).toInstant().toString()));
            } catch (DateTimeException _) { // the 30th of February: falls through to the report
            }
        }
        return problem(path, "wrong-format", text, type.allowed(), null);
    }

    private Optional<JsonNode> textMap(String path, JsonNode found, TextMap type) {
        if (!(found instanceof ObjectNode object)) {
            return wrongType(path, found, type);
        }
        ObjectNode valid = NODES.objectNode();
        long bytes = 0;
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String place = under(path, member.getKey());
            if (repeated.contains(place)) {
                continue;
            }
            if (!member.getValue().isTextual()) {
                wrongType(place, member.getValue(), new Text(true, type.mostBytes()));
            } else if (!isPlain(member.getKey()) || !isPlain(member.getValue().textValue())) {
                problems.add(
                        place, "not-text", textOf(member.getValue()), "Unicode text without control characters", null);
            } else {
                valid.set(member.getKey(), member.getValue());
            }
            bytes += utf8(member.getKey()) + utf8(member.getValue().asText());
        }
        return bytes <= type.mostBytes()
                ? Optional.of(valid)
                : problem(path, "too-large", bytes + " bytes", type.allowed(), null);
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private <T> Optional<T> wrongType(String path, JsonNode found, FieldType type) {
        String allowed = found.isNull() ? type.allowed() + "; leave the field out for its default" : type.allowed();
        problems.add(path, "wrong-type", textOf(found), allowed, null);
        return Optional.empty();
    }

    private <T> Optional<T> problem(String path, String code, String value, String allowed, String nearest) {
        problems.add(path, code, value, allowed, nearest);
        return Optional.empty();
    }

    /// A text in quotation marks, so that a number written as a string is seen to be one.
    private static String textOf(JsonNode found) {
        return found.isNumber() ? found.asText() : found.toString();
    }
}
