package io.zoetrope.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.zoetrope.request.FieldType.Choice;
import io.zoetrope.request.FieldType.Decimal;
import io.zoetrope.request.FieldType.Moment;
import io.zoetrope.request.FieldType.SeedNumber;
import io.zoetrope.request.FieldType.Text;
import io.zoetrope.request.FieldType.Whole;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.regex.Pattern;

/// Checks single values: each method gives the value in its plain form, or reports why there is none.
final class ValueChecker {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String WHITE_SPACE = "\n\r\t\u0085";
    private static final int LONGEST_NUMBER = 400;
    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

    private final Problems problems;

    ValueChecker(Problems problems) {
        this.problems = problems;
    }

    Optional<JsonNode> text(String path, JsonNode found, Text type) {
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

    static boolean isPlain(String text) {
        return text.codePoints()
                .allMatch(point -> Character.getType(point) != Character.SURROGATE
                        && (!Character.isISOControl(point) || WHITE_SPACE.indexOf(point) >= 0));
    }

    Optional<JsonNode> whole(String path, JsonNode found, Whole type) {
        Optional<BigDecimal> finite = number(path, found, type);
        if (finite.isEmpty()) {
            return Optional.empty();
        }
        BigDecimal value = finite.get();
        if (value.compareTo(BigDecimal.valueOf(type.least())) < 0
                || value.compareTo(BigDecimal.valueOf(type.most())) > 0) {
            String nearest = type.nearest(
                    value.signum() > 0 && value.compareTo(BigDecimal.valueOf(type.least())) > 0
                            ? type.most()
                            : type.least());
            return problem(path, "out-of-range", textOf(found), type.allowed(), nearest);
        }
        if (value.scale() > 0) {
            String nearest = type.nearest(Math.round(value.doubleValue()));
            return problem(path, "not-whole", textOf(found), type.allowed(), nearest);
        }
        long number = value.longValueExact();
        return type.contains(number)
                ? Optional.of(NODES.numberNode(number))
                : problem(path, "off-grid", textOf(found), type.allowed(), type.nearest(number));
    }

    Optional<JsonNode> decimal(String path, JsonNode found, Decimal type) {
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
        return Optional.of(found.decimalValue().stripTrailingZeros());
    }

    Optional<JsonNode> choice(String path, JsonNode found, Choice type) {
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

    Optional<JsonNode> seed(String path, JsonNode found, SeedNumber type) {
        if (found.isTextual()) {
            String decimal = found.textValue();
            if (!decimal.matches("[0-9]{1," + LONGEST_NUMBER + "}")) {
                return problem(path, "wrong-format", decimal, type.allowed(), null);
            }
            return seed(path, new BigInteger(decimal), Seed.LARGEST, type);
        }
        Optional<BigDecimal> number = number(path, found, type);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        if (number.get().scale() > 0) {
            return problem(path, "not-whole", textOf(found), type.allowed(), null);
        }
        boolean vast = number.get().precision() - (long) number.get().scale() > LONGEST_NUMBER;
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

    Optional<JsonNode> moment(String path, JsonNode found, Moment type) {
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

    <T> Optional<T> wrongType(String path, JsonNode found, FieldType type) {
        String allowed = found.isNull() ? type.allowed() + "; leave the field out for its default" : type.allowed();
        problems.add(path, "wrong-type", textOf(found), allowed, null);
        return Optional.empty();
    }

    <T> Optional<T> problem(String path, String code, String value, String allowed, String nearest) {
        problems.add(path, code, value, allowed, nearest);
        return Optional.empty();
    }

    /// A text in quotation marks, so that a number written as a string is seen to be one.
    static String textOf(JsonNode found) {
        return found.isNumber() ? found.asText() : found.toString();
    }
}
