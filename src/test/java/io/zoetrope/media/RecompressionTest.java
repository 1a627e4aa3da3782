package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecompressionTest {

    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void release() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "64, 96, 28",
        "101, 50, 28",
        "33, 7, 28",
        "70, 4100, 28",
        "2050, 40, 28",
        // Four pixels share one colour, of which so small a gradient has too many.
        "2, 2, 14",
        "3, 200, 20"
    })
    void everySizePassesAndLosesOddEdges(int height, int width, double enough) throws IOException {
        RgbFrames picture = MovingGradient.frames(arena, 1, height, width);
        RgbFrames result = Recompression.apply(picture, 18, arena);
        assertEquals(height - height % 2, result.height());
        assertEquals(width - width % 2, result.width());
        RgbFrames kept = cut(picture, result.height(), result.width());
        double quality = Measures.peakSignalToNoise(kept, result);
        assertTrue(quality > enough, "PSNR %.1f dB".formatted(quality));
        assertTrue(kept.rgb().mismatch(result.rgb()) >= 0, "nothing was lost");
    }

    @Test
    void aHigherFactorKeepsLess() throws IOException {
        RgbFrames picture = MovingGradient.frames(arena, 1, 96, 128);
        double before = Double.POSITIVE_INFINITY;
        for (int factor : new int[] {18, 28, 38, 51}) {
            double quality = Measures.peakSignalToNoise(picture, Recompression.apply(picture, factor, arena));
            assertTrue(quality < before, "factor %d: PSNR %.1f dB after %.1f".formatted(factor, quality, before));
            before = quality;
        }
    }

    /// Every column takes part, the last ones of a row too.
    @Test
    void aFlatPictureStaysFlat() throws IOException {
        RgbFrames picture = RgbFrames.allocate(arena, 1, 30, 100);
        picture.rgb().fill((byte) 128);
        RgbFrames result = Recompression.apply(picture, 33, arena);
        for (long index = 0; index < result.rgb().byteSize(); index++) {
            assertEquals(128, result.rgb().get(ValueLayout.JAVA_BYTE, index) & 255, 4);
        }
    }

    @Test
    void factorZeroAndSidesOfOnePixelSkipIt() throws IOException {
        RgbFrames picture = MovingGradient.frames(arena, 1, 65, 64);
        assertSame(picture, Recompression.apply(picture, 0, arena));
        RgbFrames line = MovingGradient.frames(arena, 1, 1, 64);
        assertSame(line, Recompression.apply(line, 33, arena));
    }

    @Test
    void severalPicturesAndUnknownFactorsAreRefused() {
        RgbFrames clip = MovingGradient.frames(arena, 2, 32, 32);
        assertThrows(IllegalArgumentException.class, () -> Recompression.apply(clip, 18, arena));
        for (int factor : new int[] {-1, 52}) {
            assertThrows(IllegalArgumentException.class, () -> Recompression.apply(clip.range(0, 1), factor, arena));
        }
    }

    private RgbFrames cut(RgbFrames picture, int height, int width) {
        RgbFrames part = RgbFrames.allocate(arena, 1, height, width);
        for (int row = 0; row < height; row++) {
            MemorySegment.copy(picture.rgb(), 3L * row * picture.width(), part.rgb(), 3L * row * width, 3L * width);
        }
        return part;
    }
}
