package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot become an MP4 is refused in words, and leaves nothing behind.
class Mp4WriterRefusalsTest {

    private static final FrameRate RATE = FrameRate.of(24);
    private static final ClipFormat SILENT = ClipFormat.silent(64, 64, RATE);

    private final Arena arena = Arena.ofConfined();

    @TempDir
    private Path folder;

    @AfterEach
    void release() throws IOException {
        arena.close();
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".part")).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "65, 64, 'width 65, expected an even number of pixels from 16 to 4096'",
        "64, 33, 'height 33, expected an even number of pixels from 16 to 4096'",
        "0, -2, 'width 0, expected an even number of pixels from 16 to 4096; height -2, expected an even number of "
                + "pixels from 16 to 4096'",
        "4098, 64, 'width 4098, expected an even number of pixels from 16 to 4096'",
        "4096, 2306, 'picture 4096x2306, expected at most 36864 blocks of 16x16 pixels (4096x2304)'",
    })
    void sizesThatCannotBeEncodedAreRefused(int width, int height, String message) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> ClipFormat.silent(width, height, RATE));
        assertEquals(message, refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "16, 4096", "4096, 16", "4096, 2304"})
    void theSmallestAndTheLargestSizesWork(int width, int height) throws IOException {
        Path file = folder.resolve("clip.mp4");
        try (var clip = Mp4Writer.open(file, ClipFormat.silent(width, height, RATE))) {
            clip.writeFrames(RgbFrames.allocate(arena, 1, height, width));
            clip.finish();
        }
        try (var media = new MediaReader(MediaLimits.DEFAULT).decode(file)) {
            assertEquals(width, media.video().orElseThrow().frames().width());
            assertEquals(height, media.video().orElseThrow().frames().height());
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 24000", "3, 24000", "2, 24001", "2, 0"})
    void soundThatCannotBeEncodedIsRefused(int channels, int sampleRate) {
        assertThrows(IllegalArgumentException.class, () -> new SoundFormat(channels, sampleRate));
    }

    @Test
    void missingFolderIsNamed() {
        Path file = folder.resolve("missing/clip.mp4");
        var refusal = assertThrows(IOException.class, () -> Mp4Writer.open(file, SILENT));
        assertEquals("%s: the folder %s does not exist".formatted(file, file.getParent()), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/clip.mp4", "/proc/self/clip.mp4"})
    void placeThatCannotBeWrittenToIsNamed(Path file) {
        var refusal = assertThrows(IOException.class, () -> Mp4Writer.open(file, SILENT));
        assertTrue(refusal.getMessage().startsWith("cannot write %s: ".formatted(file)), refusal.getMessage());
    }

    @Test
    void folderInPlaceOfTheFileIsNamed() {
        var refusal = assertThrows(IOException.class, () -> Mp4Writer.open(folder, SILENT));
        assertEquals("cannot write %s: it is a folder".formatted(folder), refusal.getMessage());
    }

    /// The limit on file sizes stands in for a full disk: writing fails with an error code from some byte on.
    @Test
    void fullDiskIsAnErrorThatNamesTheFile() throws Exception {
        Path file = folder.resolve("clip.mp4");
        String command =
                "ulimit -f 16; exec \"$0\" --enable-native-access=ALL-UNNAMED -XX:-UsePerfData -cp \"$1\" \"$2\" \"$3\"";
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        command,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeClip.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertTrue(output.contains("IOException: cannot write"), output);
        assertTrue(output.contains(file + ": File too large"), output);
        assertTrue(Files.notExists(file));
    }

    /// Noise, which takes many bytes.
    static final class LargeClip {

        private LargeClip() {}

        public static void main(String[] arguments) {
            try (Arena arena = Arena.ofConfined();
                    var clip = Mp4Writer.open(Path.of(arguments[0]), SILENT)) {
                RgbFrames noise = RgbFrames.allocate(arena, 48, 64, 64);
                var random = new java.util.Random(1);
                for (long index = 0; index < noise.rgb().byteSize(); index++) {
                    noise.rgb().set(ValueLayout.JAVA_BYTE, index, (byte) random.nextInt(256));
                }
                clip.writeFrames(noise);
                clip.finish();
            } catch (IOException e) {
                System.out.println(e);
            }
        }
    }

    @Test
    void anUnfinishedClipLeavesTheOldOneAlone() throws IOException {
        Path file = Files.write(folder.resolve("clip.mp4"), new byte[] {1, 2, 3});
        try (var clip = Mp4Writer.open(file, SILENT)) {
            clip.writeFrames(RgbFrames.allocate(arena, 3, 64, 64));
        }
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
    }

    @Test
    void framesOfAnotherSizeAreRefused() throws IOException {
        try (var clip = Mp4Writer.open(folder.resolve("clip.mp4"), SILENT)) {
            RgbFrames frames = RgbFrames.allocate(arena, 1, 64, 96);
            var refusal = assertThrows(IllegalArgumentException.class, () -> clip.writeFrames(frames));
            assertTrue(refusal.getMessage().contains("frames of 96x64 pixels"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains("expected 64x64"), refusal.getMessage());
        }
    }

    @Test
    void soundThatWasNotAnnouncedOrIsOfAnotherKindIsRefused() throws IOException {
        Sound mono = Sound.allocate(arena, 1, 100, 24_000);
        try (var clip = Mp4Writer.open(folder.resolve("clip.mp4"), SILENT)) {
            assertThrows(IllegalArgumentException.class, () -> clip.writeSound(mono));
        }
        var stereo = ClipFormat.withSound(64, 64, RATE, new SoundFormat(2, 24_000));
        try (var clip = Mp4Writer.open(folder.resolve("clip.mp4"), stereo)) {
            assertThrows(IllegalArgumentException.class, () -> clip.writeSound(mono));
        }
    }

    @Test
    void soundThatIsNotANumberIsRefused() throws IOException {
        Sound sound = Sound.allocate(arena, 1, 100, 24_000);
        sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, 42, Float.NaN);
        try (var clip =
                Mp4Writer.open(folder.resolve("clip.mp4"), ClipFormat.withSound(64, 64, RATE, SoundFormat.of(sound)))) {
            var refusal = assertThrows(IllegalArgumentException.class, () -> clip.writeSound(sound));
            assertTrue(refusal.getMessage().contains("sample 42 of channel 0 is not a number"), refusal.getMessage());
        }
    }

    @Test
    void clipsWithoutFramesOrWithoutTheirSoundAreRefused() throws IOException {
        try (var clip = Mp4Writer.open(folder.resolve("clip.mp4"), SILENT)) {
            assertThrows(IllegalStateException.class, clip::finish);
        }
        var withSound = ClipFormat.withSound(64, 64, RATE, new SoundFormat(2, 24_000));
        try (var clip = Mp4Writer.open(folder.resolve("clip.mp4"), withSound)) {
            clip.writeFrames(RgbFrames.allocate(arena, 1, 64, 64));
            assertThrows(IllegalStateException.class, clip::finish);
        }
        assertTrue(Files.notExists(folder.resolve("clip.mp4")));
    }

    @Test
    void aClosedWriterTakesNothingMore() throws IOException {
        var clip = Mp4Writer.open(folder.resolve("clip.mp4"), SILENT);
        clip.close();
        clip.close();
        RgbFrames frames = RgbFrames.allocate(arena, 1, 64, 64);
        assertThrows(IllegalStateException.class, () -> clip.writeFrames(frames));
        assertThrows(IllegalStateException.class, clip::finish);
    }

    @Test
    void framesAndSoundMustFitTheirMemory() {
        var memory = arena.allocate(100);
        assertThrows(IllegalArgumentException.class, () -> new RgbFrames(memory, 1, 6, 6));
        assertThrows(IllegalArgumentException.class, () -> new RgbFrames(memory, 0, 6, 6));
        assertThrows(IllegalArgumentException.class, () -> new Sound(memory, 2, 13, 24_000));
        assertThrows(IllegalArgumentException.class, () -> new Sound(memory, 0, 25, 24_000));
    }
}
