package io.zoetrope.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The size of a clip at 24 frames a second.
///
/// @param width  pixels, a multiple of 32
/// @param height pixels, a multiple of 32
/// @param frames 8k + 1
public record ClipSize(int width, int height, int frames) {

    public static final double FPS = 24;

    private static final Pattern FORM = Pattern.compile("(\\d{1,5})x(\\d{1,5})x(\\d{1,5})");
    private static final int PIXELS = 32;
    private static final int FRAMES = 8;

    /// Reads `768x512x121`.
    ///
    /// @throws IllegalArgumentException if it is none, or no size that the networks know
    public static ClipSize parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            int width = Integer.parseInt(form.group(1));
            int height = Integer.parseInt(form.group(2));
            int frames = Integer.parseInt(form.group(3));
            if (width > 0 && height > 0 && width % PIXELS == 0 && height % PIXELS == 0 && frames % FRAMES == 1) {
                return new ClipSize(width, height, frames);
            }
        }
        throw new IllegalArgumentException(
                "%s; expected width x height x frames, multiples of 32 and 8k+1, such as 768x512x121".formatted(text));
    }

    @Override
    public String toString() {
        return "%dx%dx%d".formatted(width, height, frames);
    }
}
