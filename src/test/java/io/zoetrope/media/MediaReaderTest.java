package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reading what others wrote, whole, damaged or too large.
class MediaReaderTest {

    private static final MediaReader READER = new MediaReader(MediaLimits.DEFAULT);

    private final Arena arena = Arena.ofConfined();

    @TempDir
    private Path folder;

    @AfterEach
    void release() {
        arena.close();
    }

    @Test
    void jpegComesAsRgb() throws IOException {
        RgbFrames expected = MovingGradient.frames(arena, 1, 70, 101);
        Path file = sample(MediaKind.JPEG, expected);
        try (var media = READER.decode(file)) {
            VideoTrack track = media.video().orElseThrow();
            assertEquals(101, track.frames().width());
            assertEquals(70, track.frames().height());
            assertEquals(1, track.frames().frames());
            assertTrue(track.frameRate().isEmpty());
            assertEquals("mjpeg pc", track.codec() + " " + track.range());
            double quality = Measures.peakSignalToNoise(expected, track.frames());
            assertTrue(quality > 35, "PSNR %.1f dB".formatted(quality));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_BYTE_GRAY})
    void pngOfEveryColourModelComesAsRgb(int type) throws IOException {
        var image = new BufferedImage(9, 7, type);
        for (int index = 0; index < 63; index++) {
            image.setRGB(index % 9, index / 9, 0xff000000 | (index % 2 == 0 ? 0xffffff : 0x000000));
        }
        Path file = folder.resolve("picture.png");
        ImageIO.write(image, "png", file.toFile());
        try (var media = READER.decode(file)) {
            RgbFrames found = media.video().orElseThrow().frames();
            for (int index = 0; index < 63 * 3; index++) {
                assertEquals(index / 3 % 2 == 0 ? -1 : 0, found.rgb().get(ValueLayout.JAVA_BYTE, index));
            }
        }
    }

    @Test
    void theNameDoesNotTellTheKind() throws IOException {
        RgbFrames frames = MovingGradient.frames(arena, 1, 32, 32);
        Path file = folder.resolve("picture.wav");
        PngWriter.write(file, frames, 0);
        try (var media = READER.decode(file)) {
            assertEquals("png", media.video().orElseThrow().codec());
        }
    }

    @Test
    void missingEmptyAndForeignFilesAreNamed() throws IOException {
        assertRefused(folder.resolve("missing.mp4"), "no such file");
        assertRefused(folder, "not a file");
        assertRefused(Files.createFile(folder.resolve("empty.mp4")), "the file is empty");
        byte[] noise = new byte[5000];
        new Random(3).nextBytes(noise);
        assertRefused(Files.write(folder.resolve("noise.mp4"), noise), "neither MP4, PNG, JPEG, WebP nor WAV");
        Path list = Files.writeString(folder.resolve("list.mp4"), "ffconcat version 1.0\nfile '/etc/passwd'\n");
        assertRefused(list, "neither MP4, PNG, JPEG, WebP nor WAV");
        assertRefused(Files.writeString(folder.resolve("short.png"), "\n"), "neither MP4, PNG, JPEG, WebP nor WAV");
    }

    /// A good beginning does not help what follows.
    @ParameterizedTest
    @EnumSource
    void noiseBehindAGoodBeginningIsRefused(MediaKind kind) throws IOException {
        byte[] bytes = Files.readAllBytes(sample(kind, MovingGradient.frames(arena, 3, 64, 64)));
        byte[] noise = new byte[bytes.length];
        new Random(4).nextBytes(noise);
        System.arraycopy(bytes, 0, noise, 0, 12);
        assertRefused(Files.write(folder.resolve("noise"), noise), "");
    }

    @ParameterizedTest
    @EnumSource
    void everyTruncatedFileIsRefused(MediaKind kind) throws IOException {
        byte[] bytes = Files.readAllBytes(sample(kind, MovingGradient.frames(arena, 9, 64, 64)));
        for (int part = 1; part < 20; part++) {
            byte[] cut = Arrays.copyOf(bytes, bytes.length * part / 20);
            assertRefused(Files.write(folder.resolve("cut" + part), cut), "");
        }
    }

    /// Whatever is broken, the answer is a result or an error, never the end of the process.
    @ParameterizedTest
    @EnumSource
    void scatteredDamageNeverDoesHarm(MediaKind kind) throws IOException {
        byte[] bytes = Files.readAllBytes(sample(kind, MovingGradient.frames(arena, 5, 48, 64)));
        var random = new Random(5);
        var limited = new MediaReader(new MediaLimits(1L << 30, 600, 1_000_000, 100, 10_000_000, 1_000_000));
        int refused = 0;
        for (int trial = 0; trial < 150; trial++) {
            byte[] damaged = bytes.clone();
            for (int hit = 0; hit <= trial % 10; hit++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("damaged"), damaged);
            try (var media = limited.decode(file)) {
                assertTrue(media.video().isPresent() || media.sound().isPresent());
            } catch (IOException e) {
                refused++;
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            }
        }
        assertTrue(kind == MediaKind.WAV || refused > 0, "%d of 150 refused".formatted(refused));
    }

    @Test
    void whatIsTooLargeIsRefusedInWords() throws IOException {
        RgbFrames frames = MovingGradient.frames(arena, 9, 64, 96);
        Path clip = sample(MediaKind.MP4, frames);
        assertBeyond(new MediaLimits(1L << 30, 600, 6143, 100, 1_000_000, 100_000), clip, "pictures of 96x64 pixels");
        assertBeyond(new MediaLimits(1L << 30, 600, 6144, 8, 1_000_000, 100_000), clip, "more than 8 frames");
        assertBeyond(new MediaLimits(1L << 30, 600, 6144, 9, 9 * 6144 - 1, 100_000), clip, "9 frames of 96x64 pixels");
        assertBeyond(new MediaLimits(1L << 30, 600, 6144, 9, 9 * 6144, 9000 * 2 - 1), clip, "more than 17999 samples");
        try (var media = new MediaReader(new MediaLimits(1L << 30, 600, 6144, 9, 9 * 6144, 9000 * 2)).decode(clip)) {
            assertEquals(9, media.video().orElseThrow().frames().frames());
        }
        for (MediaKind still : new MediaKind[] {MediaKind.PNG, MediaKind.JPEG}) {
            Path picture = sample(still, frames);
            assertBeyond(new MediaLimits(1L << 30, 600, 6143, 1, 1_000_000, 1), picture, "pictures of 96x64 pixels");
        }
        Path sound = sample(MediaKind.WAV, frames);
        assertBeyond(new MediaLimits(1L << 30, 600, 1, 1, 1, 17_999), sound, "more than 17999 samples");
    }

    @Test
    void framesAndSamplesAreGoneAfterClosing() throws IOException {
        RgbFrames found;
        try (var media = READER.decode(sample(MediaKind.PNG, MovingGradient.frames(arena, 1, 32, 32)))) {
            found = media.video().orElseThrow().frames();
        }
        assertThrows(IllegalStateException.class, () -> found.rgb().get(ValueLayout.JAVA_BYTE, 0));
    }

    private void assertBeyond(MediaLimits limits, Path file, String part) {
        var refusal = assertThrows(
                IOException.class, () -> new MediaReader(limits).decode(file).close());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
    }

    private static void assertRefused(Path file, String part) {
        var refusal = assertThrows(IOException.class, () -> READER.decode(file).close(), file.toString());
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("\0"), refusal.getMessage());
    }

    /// A whole file: the frames at 24 Hz with 9000 samples of stereo, the first frame, or the sound alone.
    private Path sample(MediaKind kind, RgbFrames frames) throws IOException {
        Path file = folder.resolve("sample-" + kind);
        Sound sound = MovingGradient.sound(arena, 2, 9000, 24_000);
        switch (kind) {
            case MP4 -> {
                var format =
                        ClipFormat.withSound(frames.width(), frames.height(), FrameRate.of(24), SoundFormat.of(sound));
                try (var clip = Mp4Writer.open(file, format)) {
                    clip.writeFrames(frames);
                    clip.writeSound(sound);
                    clip.finish();
                }
            }
            case PNG -> PngWriter.write(file, frames, 0);
            case JPEG -> ImageIO.write(image(frames), "jpg", file.toFile());
            case WEBP ->
                Files.copy(
                        Path.of("src/test/resources/media/gradient.webp"), file, StandardCopyOption.REPLACE_EXISTING);
            case WAV -> WavWriter.write(file, sound);
        }
        return file;
    }

    private static BufferedImage image(RgbFrames frames) {
        var image = new BufferedImage(frames.width(), frames.height(), BufferedImage.TYPE_INT_RGB);
        for (int index = 0; index < frames.width() * frames.height(); index++) {
            int red = frames.rgb().get(ValueLayout.JAVA_BYTE, 3L * index) & 255;
            int green = frames.rgb().get(ValueLayout.JAVA_BYTE, 3L * index + 1) & 255;
            int blue = frames.rgb().get(ValueLayout.JAVA_BYTE, 3L * index + 2) & 255;
            image.setRGB(index % frames.width(), index / frames.width(), red << 16 | green << 8 | blue);
        }
        return image;
    }
}
