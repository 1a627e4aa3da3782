package io.zoetrope.audit;

import java.util.regex.Pattern;

/// The checks that the records of this package share: JSON that lacks a field must not become a half-empty fact.
final class Required {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    private Required() {}

    static void present(String name, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
    }

    static void text(String name, String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("%s is %s, expected a text".formatted(name, value));
        }
    }

    static void atLeast(long least, String name, long value) {
        if (value < least) {
            throw new IllegalArgumentException("%s is %d, expected %d or more".formatted(name, value, least));
        }
    }

    static void digest(String name, String value) {
        if (value == null || !SHA_256.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s is %s, expected a SHA-256 in 64 lower case hexadecimal digits".formatted(name, value));
        }
    }

    static void seed(String value) {
        text("seed", value);
        if (!isUnsignedLong(value)) {
            throw new IllegalArgumentException("seed '%s', expected a decimal 0 to 2^64-1".formatted(value));
        }
    }

    /// The values are not repeated in the message: they may be what users wrote.
    static void oneOf(String name, Object value, String otherName, Object other) {
        if ((value == null) == (other == null)) {
            throw new IllegalArgumentException("%s and %s are %s, expected exactly one of them"
                    .formatted(name, otherName, value == null ? "both missing" : "both there"));
        }
    }

    static void absent(String name, Object value) {
        if (value != null) {
            throw new IllegalArgumentException("%s is %s, expected none".formatted(name, value));
        }
    }

    /// For what may be left out: nothing said is nothing at all, never an empty text.
    static String textOrNull(String value) {
        return value == null || value.isBlank() ? null : value;
    }

    private static boolean isUnsignedLong(String text) {
        try {
            return Long.toUnsignedString(Long.parseUnsignedLong(text)).equals(text);
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
