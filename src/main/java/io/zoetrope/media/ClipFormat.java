package io.zoetrope.media;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an MP4 will hold.
///
/// @param width     pixels, even, 16 to 4096
/// @param height    pixels, even, 16 to 4096; the picture has at most 4096 x 2304 pixels
/// @param frameRate frames per second
/// @param sound     the sound track, empty for a silent clip
public record ClipFormat(int width, int height, FrameRate frameRate, Optional<SoundFormat> sound) {

    private static final int SMALLEST_SIDE = 16;
    private static final int LONGEST_SIDE = 4096;

    /// The largest picture of H.264 level 5.2, in blocks of 16 x 16 pixels.
    private static final int MOST_BLOCKS = 36_864;

    private static final int BLOCK = 16;

    /// Finest clock that stays ordinary, ticks per second.
    private static final long FINEST_CLOCK = 10_000_000;

    public ClipFormat {
        List<String> problems = new ArrayList<>();
        checkSide("width", width, problems);
        checkSide("height", height, problems);
        if (problems.isEmpty() && blocks(width) * blocks(height) > MOST_BLOCKS) {
            problems.add("picture %dx%d, expected at most %d blocks of 16x16 pixels (4096x2304)"
                    .formatted(width, height, MOST_BLOCKS));
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    public static ClipFormat silent(int width, int height, FrameRate frameRate) {
        return new ClipFormat(width, height, frameRate, Optional.empty());
    }

    public static ClipFormat withSound(int width, int height, FrameRate frameRate, SoundFormat sound) {
        return new ClipFormat(width, height, frameRate, Optional.of(sound));
    }

    /// Ticks per second of a clock on which both frames and samples end exactly, or at least the samples where
    /// such a clock would be too fine. The usual milliseconds would cut or add some samples.
    int clock() {
        long frameTicks = frameRate.numerator();
        long sampleTicks = sound.map(SoundFormat::sampleRate).orElse(1);
        long common = BigInteger.valueOf(frameTicks)
                .gcd(BigInteger.valueOf(sampleTicks))
                .longValue();
        long both = frameTicks / common * sampleTicks;
        return (int) (both <= FINEST_CLOCK ? both : sampleTicks);
    }

    // 4:2:0 shares one colour among four pixels, hence even sides.
    private static void checkSide(String name, int pixels, List<String> problems) {
        if (pixels < SMALLEST_SIDE || pixels > LONGEST_SIDE || pixels % 2 != 0) {
            problems.add("%s %d, expected an even number of pixels from %d to %d"
                    .formatted(name, pixels, SMALLEST_SIDE, LONGEST_SIDE));
        }
    }

    private static int blocks(int pixels) {
        return (pixels + BLOCK - 1) / BLOCK;
    }
}
