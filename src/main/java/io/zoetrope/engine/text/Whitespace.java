package io.zoetrope.engine.text;

/// The white space that the reference strips from the ends of a prompt: neither Java's `strip` nor its `trim`.
final class Whitespace {

    private Whitespace() {}

    static String strip(String text) {
        int begin = 0;
        int end = text.length();
        while (begin < end && isSpace(text.charAt(begin))) {
            begin++;
        }
        while (end > begin && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(begin, end);
    }

    private static boolean isSpace(char character) {
        return switch (character) {
            case '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> (character >= 0x1C && character <= 0x1F) || (character >= 0x2000 && character <= 0x200A);
        };
    }
}
