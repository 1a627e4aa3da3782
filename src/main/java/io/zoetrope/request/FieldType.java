package io.zoetrope.request;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What may stand in a field of a JSON object. Data; [FieldChecker] holds values against it.
public sealed interface FieldType {

    /// What is allowed, in words that end a sentence "expected …".
    String allowed();

    /// A text of Unicode characters, without control characters other than line breaks and tabs.
    ///
    /// @param mayBeBlank whether it may be empty or white space only
    /// @param longest    in characters (code points)
    record Text(boolean mayBeBlank, int longest) implements FieldType {
        @Override
        public String allowed() {
            return "%s of at most %d characters"
                    .formatted(mayBeBlank ? "a text" : "a text that is not blank,", longest);
        }
    }

    /// A whole number `offset + k * step` in a range whose ends are such numbers.
    record Whole(long least, long most, long step, long offset) implements FieldType {
        public Whole {
            if (least < 0 || step < 1 || least > most || (least - offset) % step != 0 || (most - offset) % step != 0) {
                throw new IllegalArgumentException(
                        "whole numbers %d..%d, step %d, offset %d".formatted(least, most, step, offset));
            }
        }

        public Whole(long least, long most) {
            this(least, most, 1, 0);
        }

        @Override
        public String allowed() {
            String grid = step == 1
                    ? ""
                    : offset == 0 ? ", a multiple of " + step : ", of the form %dk+%d".formatted(step, offset);
            return "a whole number from %d to %d%s".formatted(least, most, grid);
        }

        /// Whether `value` lies in the range and on the grid.
        public boolean contains(long value) {
            return value >= least && value <= most && Math.floorMod(value - offset, step) == 0;
        }

        /// The valid number nearest to `value`; both neighbours if it lies between two.
        public String nearest(long value) {
            if (value <= least || value >= most) {
                return Long.toString(value <= least ? least : most);
            }
            long below = value - Math.floorMod(value - offset, step);
            return below == value ? Long.toString(value) : below + " or " + (below + step);
        }
    }

    /// A finite number in a range.
    record Decimal(BigDecimal least, BigDecimal most) implements FieldType {
        public Decimal(double least, double most) {
            this(BigDecimal.valueOf(least), BigDecimal.valueOf(most));
        }

        @Override
        public String allowed() {
            return "a number from %s to %s".formatted(plain(least), plain(most));
        }

        public String nearest(BigDecimal value) {
            return plain(value.max(least).min(most));
        }

        private static String plain(BigDecimal number) {
            return number.stripTrailingZeros().toPlainString();
        }
    }

    /// `true` or `false`.
    record Flag() implements FieldType {
        @Override
        public String allowed() {
            return "true or false";
        }
    }

    /// One of a few names.
    record Choice(List<String> names) implements FieldType {
        @Override
        public String allowed() {
            return "one of " + String.join(", ", names);
        }
    }

    /// An unsigned number of 64 bits, see [Seed].
    record SeedNumber() implements FieldType {
        @Override
        public String allowed() {
            return "a whole number from 0 to %d, or a decimal string up to %s"
                    .formatted(Seed.LARGEST_NUMBER, Seed.LARGEST);
        }
    }

    /// An instant as RFC 3339 writes it.
    record Moment() implements FieldType {
        @Override
        public String allowed() {
            return "a date and time with offset as in RFC 3339, such as 2026-01-31T12:00:00Z";
        }
    }

    /// An object whose members are texts.
    ///
    /// @param mostBytes of names and texts together, in UTF-8
    record TextMap(int mostBytes) implements FieldType {
        @Override
        public String allowed() {
            return "an object of texts, at most %d bytes with their names".formatted(mostBytes);
        }
    }

    /// An array of values of one type.
    ///
    /// @param distinct whether a value may stand in it only once
    record Items(FieldType each, int most, boolean distinct) implements FieldType {
        @Override
        public String allowed() {
            return "an array of at most %d: %s".formatted(most, each.allowed());
        }
    }

    /// An object with these fields and no others.
    record Group(List<Field> fields) implements FieldType {
        public Group(Field... fields) {
            this(List.of(fields));
        }

        List<String> names() {
            return fields.stream().map(Field::name).toList();
        }

        @Override
        public String allowed() {
            return "an object with " + String.join(", ", names());
        }
    }

    /// An object whose field `tag` says which other fields it has.
    record Variants(String tag, Map<String, Group> groups) implements FieldType {
        Choice tags() {
            return new Choice(groups.keySet().stream().sorted().toList());
        }

        @Override
        public String allowed() {
            return "an object with %s %s"
                    .formatted(tag, groups.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
    }
}
