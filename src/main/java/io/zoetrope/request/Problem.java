package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.stream.Collectors;

/// One thing that is wrong with a request, said so that its author can mend it.
///
/// @param field   where: a JSON path such as `guidance.video.cfg`, or empty for the request as a whole
/// @param code    stable name of the kind of problem, such as `unknown-field` or `out-of-range`
/// @param value   what was found, shortened to a readable length; null if nothing was
/// @param allowed what would be right
/// @param nearest the valid value nearest to the one found; null if there is none
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(String field, String code, String value, String allowed, String nearest) {

    private static final int LONGEST_VALUE = 120;

    public Problem {
        field = readable(field);
        value = value == null ? null : readable(value);
    }

    /// Shortened, and without the halves of surrogate pairs that cannot be written as UTF-8: both come from the
    /// client.
    private static String readable(String text) {
        String whole = text.codePoints()
                .limit(LONGEST_VALUE + 1L)
                .map(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        boolean fits = whole.codePointCount(0, whole.length()) <= LONGEST_VALUE;
        return fits ? whole : whole.substring(0, whole.offsetByCodePoints(0, LONGEST_VALUE)) + "…";
    }

    /// One line for a terminal or a log, whatever the client wrote: field, value, what is allowed, the nearest valid
    /// value.
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        if (!field.isEmpty()) {
            line.append(onOneLine(field)).append(": ");
        }
        if (value != null) {
            line.append("'").append(onOneLine(value)).append("' is not allowed; ");
        }
        line.append("expected ").append(allowed);
        if (nearest != null) {
            line.append("; nearest: ").append(nearest);
        }
        return line.toString();
    }

    /// Nothing that would begin a new line, steer a terminal or turn the direction of writing.
    private static String onOneLine(String text) {
        return text.codePoints()
                .mapToObj(point -> isPrinted(point) ? Character.toString(point) : "\\u%04x".formatted(point))
                .collect(Collectors.joining());
    }

    private static boolean isPrinted(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
