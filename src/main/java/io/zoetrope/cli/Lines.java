package io.zoetrope.cli;

import java.util.regex.Pattern;

/// Texts of clients on a terminal: what they wrote neither breaks the line nor steers the terminal.
final class Lines {

    /// White space, line ends of every kind, and what would steer a terminal.
    private static final Pattern BREAKS = Pattern.compile("[\\s\\p{Cc}\\p{Zl}\\p{Zp}]+");

    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}&&[^\\n\\t]]");

    private Lines() {}

    /// On one line.
    static String one(String text) {
        return BREAKS.matcher(text).replaceAll(" ").strip();
    }

    /// With its lines.
    static String many(String text) {
        return CONTROLS.matcher(text).replaceAll("\uFFFD");
    }
}
