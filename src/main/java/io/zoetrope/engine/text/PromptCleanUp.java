package io.zoetrope.engine.text;

/// Makes of what a text model wrote a prompt like one that a person types.
final class PromptCleanUp {

    private PromptCleanUp() {}

    /// Typographic signs become those of a keyboard; what stands before the first letter goes, such as a list's
    /// number or an opening quote, and so does white space at the end.
    ///
    /// @return empty if there is no letter
    static String clean(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints()
                .dropWhile(character -> !Character.isLetter(character))
                .forEach(character -> plain.append(plain(character)));
        return Whitespace.strip(plain.toString());
    }

    private static String plain(int character) {
        return switch (character) {
            case 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035 -> "'"; // single quotes, prime
            case 0x201C, 0x201D, 0x201E, 0x201F, 0x2033, 0x2036 -> "\""; // double quotes, double prime
            case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212 -> "-"; // hyphens, dashes, minus
            case 0x00A0, 0x2007, 0x202F -> " "; // spaces that do not break
            default -> Character.toString(character);
        };
    }
}
