package io.zoetrope.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A clip at a glance: its frames side by side in one picture, row by row, with thin dark lines between them. Up to
/// nine frames make a strip, more make a grid; of long clips, [#MOST_FRAMES] frames evenly spread from first to last
/// are shown.
///
/// ```java
/// try (var sheet = ContactSheet.open(frames, height, width)) {
///     sheet.add(chunk); // as often as there are frames
///     sheet.write(file);
/// }
/// ```
///
/// Only the sheet is in memory, whatever the length of the clip.
public final class ContactSheet implements AutoCloseable {

    /// Most frames on a sheet.
    public static final int MOST_FRAMES = 25;

    /// Longest strip, frames.
    private static final int LONGEST_STRIP = 9;

    /// Between two frames, pixels.
    private static final int GAP = 2;

    private static final byte GAP_BRIGHTNESS = 24;

    private final Arena arena = Arena.ofConfined();
    private final int frames;
    private final int height;
    private final int width;
    private final int shown;
    private final int columns;
    private final RgbFrames sheet;
    private int passed;
    private int drawn;

    private ContactSheet(int frames, int height, int width) {
        this.frames = frames;
        this.height = height;
        this.width = width;
        this.shown = Math.min(frames, MOST_FRAMES);
        this.columns = shown <= LONGEST_STRIP ? shown : (int) Math.ceil(Math.sqrt(shown));
        int rows = (shown + columns - 1) / columns;
        this.sheet = RgbFrames.allocate(arena, 1, rows * (height + GAP) - GAP, columns * (width + GAP) - GAP);
        sheet.rgb().fill(GAP_BRIGHTNESS);
    }

    /// An empty sheet for a clip of `frames` frames of `width` times `height` pixels; to be used by one thread.
    public static ContactSheet open(int frames, int height, int width) {
        if (frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "a contact sheet of %d frames of %dx%d pixels".formatted(frames, width, height));
        }
        return new ContactSheet(frames, height, width);
    }

    /// Writes the sheet of `frames` as PNG.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, RgbFrames frames) throws IOException {
        try (ContactSheet sheet = open(frames.frames(), frames.height(), frames.width())) {
            sheet.add(frames);
            sheet.write(file);
        }
    }

    /// Takes the clip's next frames and draws those that are shown.
    public void add(RgbFrames chunk) {
        if (chunk.width() != width || chunk.height() != height || passed + chunk.frames() > frames) {
            throw new IllegalArgumentException(
                    "%d frames of %dx%d pixels after %d, expected a clip of %d frames of %dx%d"
                            .formatted(chunk.frames(), chunk.width(), chunk.height(), passed, frames, width, height));
        }
        while (drawn < shown && frameOf(drawn, shown, frames) < passed + chunk.frames()) {
            copy(
                    chunk.frame(frameOf(drawn, shown, frames) - passed),
                    drawn / columns * (height + GAP),
                    drawn % columns * (width + GAP));
            drawn++;
        }
        passed += chunk.frames();
    }

    /// Writes the sheet as PNG.
    ///
    /// @throws IOException           if the file cannot be written
    /// @throws IllegalStateException if frames are missing
    public void write(Path file) throws IOException {
        if (passed < frames) {
            throw new IllegalStateException("%d of %d frames for %s".formatted(passed, frames, file));
        }
        PngWriter.write(file, sheet, 0);
    }

    @Override
    public void close() {
        arena.close();
    }

    private static int frameOf(int cell, int shown, int frames) {
        return shown == 1 ? 0 : (int) Math.round((double) cell * (frames - 1) / (shown - 1));
    }

    private void copy(MemorySegment frame, int top, int left) {
        long rowBytes = 3L * width;
        for (int row = 0; row < height; row++) {
            long target = 3L * ((long) (top + row) * sheet.width() + left);
            MemorySegment.copy(frame, row * rowBytes, sheet.rgb(), target, rowBytes);
        }
    }
}
