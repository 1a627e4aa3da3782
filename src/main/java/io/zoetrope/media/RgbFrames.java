package io.zoetrope.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Pictures of one size, in the order they are shown. The memory belongs to whoever allocated it.
///
/// @param rgb    uint8 `[F, H, W, 3]`, red, green, blue in the full range 0 to 255
/// @param frames number of pictures, at least 1
/// @param height pixels, at least 1
/// @param width  pixels, at least 1
public record RgbFrames(MemorySegment rgb, int frames, int height, int width) {

    public RgbFrames {
        if (frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("frames [%d, %d, %d, 3], expected [F, H, W, 3] with at least 1 each"
                    .formatted(frames, height, width));
        }
        long expected = byteSize(frames, height, width);
        if (rgb.byteSize() != expected) {
            throw new IllegalArgumentException("frames [%d, %d, %d, 3] in %d bytes, expected %d bytes"
                    .formatted(frames, height, width, rgb.byteSize(), expected));
        }
    }

    /// Black frames in memory of `arena`.
    public static RgbFrames allocate(Arena arena, int frames, int height, int width) {
        return new RgbFrames(arena.allocate(byteSize(frames, height, width)), frames, height, width);
    }

    /// The bytes `[H, W, 3]` of one frame, a view.
    public MemorySegment frame(int index) {
        long size = byteSize(1, height, width);
        return rgb.asSlice(index * size, size);
    }

    /// `count` frames from `first` on, a view.
    public RgbFrames range(int first, int count) {
        long size = byteSize(1, height, width);
        return new RgbFrames(rgb.asSlice(first * size, count * size), count, height, width);
    }

    private static long byteSize(int frames, int height, int width) {
        return Math.multiplyExact(3L * frames * height, (long) width);
    }
}
