package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Native memory is given back, whether things go well or not.
class NativeMemoryTest {

    private static final int REHEARSALS = 10;
    private static final int ROUNDS = 30;

    /// The smallest leak that was tried, a pixel converter, weighs 6 to 10 MiB in so many rounds; no leak, up to 2.
    private static final long TOLERANCE = 4L << 20;

    /// The rest of the process may grow at the same time; a leak grows every time.
    private static final int ATTEMPTS = 3;

    @TempDir
    private Path folder;

    @Test
    void encodingAndDecodingAgainAndAgainLeavesMemoryFlat() throws IOException {
        assertFlat(() -> {
            Path file = encode(true);
            new MediaReader(MediaLimits.DEFAULT).decode(file).close();
        });
    }

    @Test
    void givingUpClipsLeavesMemoryFlat() throws IOException {
        assertFlat(() -> encode(false));
    }

    @Test
    void refusingDamagedFilesLeavesMemoryFlat() throws IOException {
        byte[] bytes = Files.readAllBytes(encode(true));
        Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0x55);
        Path damaged = Files.write(folder.resolve("damaged.mp4"), bytes);
        assertFlat(() -> assertThrows(
                IOException.class,
                () -> new MediaReader(MediaLimits.DEFAULT).decode(damaged).close()));
    }

    @Test
    void recompressingAndReadingPicturesLeavesMemoryFlat() throws IOException {
        Path file = folder.resolve("picture.png");
        try (Arena arena = Arena.ofConfined()) {
            RgbFrames picture = MovingGradient.frames(arena, 1, 256, 384);
            PngWriter.write(file, picture, 0);
            assertFlat(() -> {
                try (Arena round = Arena.ofConfined()) {
                    Recompression.apply(picture, 33, round);
                }
                new MediaReader(MediaLimits.DEFAULT).decode(file).close();
                new MediaReader(MediaLimits.DEFAULT)
                        .decode(Path.of("src/test/resources/media/ntsc.mp4"), new TimeSpan(0.3, 0.5))
                        .close();
            });
        }
    }

    private interface Round {
        void run() throws IOException;
    }

    private static void assertFlat(Round round) throws IOException {
        for (int count = 0; count < REHEARSALS; count++) {
            round.run();
        }
        long smallestGrowth = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && smallestGrowth >= TOLERANCE; attempt++) {
            long before = Measures.residentBytes();
            for (int count = 0; count < ROUNDS; count++) {
                round.run();
            }
            smallestGrowth = Math.min(smallestGrowth, Measures.residentBytes() - before);
        }
        assertTrue(
                smallestGrowth < TOLERANCE,
                "resident memory grew by %.1f MiB in %d rounds".formatted(smallestGrowth / 1048576.0, ROUNDS));
    }

    private Path encode(boolean finish) throws IOException {
        Path file = folder.resolve("clip.mp4");
        try (Arena arena = Arena.ofConfined()) {
            Sound sound = MovingGradient.sound(arena, 2, 9000, 24_000);
            var format = ClipFormat.withSound(384, 256, FrameRate.of(24), SoundFormat.of(sound));
            try (var clip = Mp4Writer.open(file, format)) {
                clip.writeFrames(MovingGradient.frames(arena, 9, 256, 384));
                clip.writeSound(sound);
                if (finish) {
                    clip.finish();
                }
            }
        }
        return file;
    }
}
