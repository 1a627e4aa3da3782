package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// PNG, contact sheet and WAV, read again by another library where there is one.
class StillsAndSoundTest {

    private static final MediaReader READER = new MediaReader(MediaLimits.DEFAULT);

    private final Arena arena = Arena.ofConfined();

    @TempDir
    private Path folder;

    @AfterEach
    void release() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({"96, 96", "1, 1", "7, 3", "101, 50"})
    void pngIsExact(int width, int height) throws IOException {
        RgbFrames frames = MovingGradient.frames(arena, 3, height, width);
        Path file = folder.resolve("frame.png");
        PngWriter.write(file, frames, 1);
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(width, image.getWidth());
        assertEquals(height, image.getHeight());
        for (int index = 0; index < width * height; index++) {
            int expected = 0;
            for (int channel = 0; channel < 3; channel++) {
                expected = expected << 8 | frames.frame(1).get(ValueLayout.JAVA_BYTE, 3L * index + channel) & 255;
            }
            assertEquals(expected, image.getRGB(index % width, index / width) & 0xffffff);
        }
        try (var media = READER.decode(file)) {
            assertEquals(
                    -1,
                    frames.frame(1)
                            .mismatch(media.video().orElseThrow().frames().rgb()));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "9, 9, 1", "10, 4, 3", "17, 5, 4", "25, 5, 5", "121, 5, 5"})
    void contactSheetShowsFramesInOrder(int frames, int columns, int rows) throws IOException {
        RgbFrames clip = RgbFrames.allocate(arena, frames, 6, 8);
        for (int frame = 0; frame < frames; frame++) {
            clip.frame(frame).fill((byte) (100 + frame));
        }
        Path file = folder.resolve("sheet.png");
        ContactSheet.write(file, clip);
        BufferedImage sheet = ImageIO.read(file.toFile());
        assertEquals(columns * 10 - 2, sheet.getWidth());
        assertEquals(rows * 8 - 2, sheet.getHeight());
        int shown = Math.min(frames, 25);
        int before = 99;
        for (int cell = 0; cell < shown; cell++) {
            int level = sheet.getRGB(cell % columns * 10 + 7, cell / columns * 8 + 5) & 255;
            assertTrue(level > before, "cell %d shows %d after %d".formatted(cell, level, before));
            before = level;
        }
        assertEquals(100, sheet.getRGB(0, 0) & 255);
        assertEquals(99 + frames, before);
    }

    @Test
    void wavHoldsClippedTruncatedSamples() throws IOException {
        float[] values = {0, 0.5f, -0.5f, 1, -1, 1.5f, -7, 0.99999f, -0.00004f, Float.NaN};
        short[] expected = {0, 16383, -16383, 32767, -32767, 32767, -32767, 32766, -1, 0};
        Sound sound = Sound.allocate(arena, 2, values.length, 24_000);
        for (int index = 0; index < values.length; index++) {
            sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, index, values[index]);
            sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, values.length + index, -values[index]);
        }
        Path file = folder.resolve("sound.wav");
        WavWriter.write(file, sound);
        assertArrayEquals(WavWriter.bytes(sound), Files.readAllBytes(file));
        ByteBuffer bytes = ByteBuffer.wrap(WavWriter.bytes(sound)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(44 + 4 * values.length, bytes.capacity());
        for (int index = 0; index < values.length; index++) {
            assertEquals(expected[index], bytes.getShort(44 + 4 * index));
            assertEquals(-expected[index], bytes.getShort(46 + 4 * index));
        }
        try (var media = READER.decode(file)) {
            SoundTrack track = media.sound().orElseThrow();
            assertEquals("pcm_s16le", track.codec());
            assertEquals(2, track.sound().channels());
            assertEquals(24_000, track.sound().sampleRate());
            assertEquals(values.length, track.sound().length());
            assertEquals(16383 / 32768f, track.sound().sample(0, 1));
            assertEquals(-16383 / 32768f, track.sound().sample(1, 1));
        }
    }

    @Test
    void aWrongPlaceIsNamed() {
        Path file = folder.resolve("missing/file");
        RgbFrames frames = RgbFrames.allocate(arena, 1, 4, 4);
        Sound sound = Sound.allocate(arena, 1, 4, 24_000);
        for (var refusal : new IOException[] {
            assertThrows(IOException.class, () -> PngWriter.write(file, frames, 0)),
            assertThrows(IOException.class, () -> ContactSheet.write(file, frames)),
            assertThrows(IOException.class, () -> WavWriter.write(file, sound)),
        }) {
            assertTrue(refusal.getMessage().startsWith(file.toString()), refusal.getMessage());
        }
    }
}
