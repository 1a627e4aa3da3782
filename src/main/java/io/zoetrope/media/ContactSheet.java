package io.zoetrope.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// A clip at a glance: its frames side by side in one picture, row by row, with thin dark lines between them. Up to
/// nine frames make a strip, more make a grid; of long clips, [#MOST_FRAMES] frames evenly spread from first to
/// last
/// are shown.
public final class ContactSheet {

    /// Most frames on a sheet.
    public static final int MOST_FRAMES = 25;

    /// Longest strip, frames.
    private static final int LONGEST_STRIP = 9;

    /// Between two frames, pixels.
    private static final int GAP = 2;

    private static final byte GAP_BRIGHTNESS = 24;

    private ContactSheet() {}

    /// Writes the sheet of `frames` as PNG.
    ///
    /// @throws IOException if the file cannot be written
    public static void write(Path file, RgbFrames frames) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            PngWriter.write(file, draw(frames, arena), 0);
        }
    }

    /// The sheet as one picture in memory of `arena`.
    public static RgbFrames draw(RgbFrames frames, Arena arena) {
        int shown = Math.min(frames.frames(), MOST_FRAMES);
        int columns = shown <= LONGEST_STRIP ? shown : (int) Math.ceil(Math.sqrt(shown));
        int rows = (shown + columns - 1) / columns;
        int cellWidth = frames.width() + GAP;
        int cellHeight = frames.height() + GAP;
        RgbFrames sheet = RgbFrames.allocate(arena, 1, rows * cellHeight - GAP, columns * cellWidth - GAP);
        sheet.rgb().fill(GAP_BRIGHTNESS);
        for (int cell = 0; cell < shown; cell++) {
            MemorySegment frame = frames.frame(frameOf(cell, shown, frames.frames()));
            copy(frame, frames, sheet, cell / columns * cellHeight, cell % columns * cellWidth);
        }
        return sheet;
    }

    private static int frameOf(int cell, int shown, int frames) {
        return shown == 1 ? 0 : (int) Math.round((double) cell * (frames - 1) / (shown - 1));
    }

    private static void copy(MemorySegment frame, RgbFrames frames, RgbFrames sheet, int top, int left) {
        long rowBytes = 3L * frames.width();
        for (int row = 0; row < frames.height(); row++) {
            long target = 3L * ((long) (top + row) * sheet.width() + left);
            MemorySegment.copy(frame, row * rowBytes, sheet.rgb(), target, rowBytes);
        }
    }
}
