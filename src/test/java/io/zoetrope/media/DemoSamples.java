package io.zoetrope.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// Clips that the reference made with the demo model: a strip of all frames as PNG and the sound as WAV.
final class DemoSamples {

    static final int FRAMES = 17;
    static final int SIDE = 96;

    private DemoSamples() {}

    static Path file(String name) {
        return Path.of("src/test/resources/demo-samples", name);
    }

    /// A strip, `[1, H, F * W, 3]`, as frames, `[F, H, W, 3]`.
    static RgbFrames cut(RgbFrames strip, Arena arena) {
        RgbFrames frames = RgbFrames.allocate(arena, FRAMES, SIDE, SIDE);
        for (int frame = 0; frame < FRAMES; frame++) {
            for (int row = 0; row < SIDE; row++) {
                long source = 3L * (row * FRAMES * SIDE + frame * SIDE);
                MemorySegment.copy(strip.rgb(), source, frames.frame(frame), 3L * row * SIDE, 3L * SIDE);
            }
        }
        return frames;
    }
}
