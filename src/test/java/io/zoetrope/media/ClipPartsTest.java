package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Parts of clips and their clocks. The clips were made with x264: frame `i` is grey of level `20 + 7 i`.
class ClipPartsTest {

    private static final MediaReader READER = new MediaReader(MediaLimits.DEFAULT);

    /// Eight frames at 0, 40, 80, 200, 240, 500, 520 and 900 ms, and 30000 samples of one channel at 24 kHz.
    private static final Path VARYING = Path.of("src/test/resources/media/varying.mp4");

    /// Thirty frames at 24000/1001 Hz, some of them stored out of order, and six channels of sound.
    private static final Path NTSC = Path.of("src/test/resources/media/ntsc.mp4");

    private final Arena arena = Arena.ofConfined();

    @TempDir
    private Path folder;

    @AfterEach
    void release() {
        arena.close();
    }

    @Test
    void aConstantRateIsToldExactly() throws IOException {
        try (var media = READER.decode(NTSC)) {
            VideoTrack track = media.video().orElseThrow();
            assertEquals(new FrameRate(24000, 1001), track.frameRate().orElseThrow());
            assertTrue(track.constantRate());
            assertEquals(30, track.frames().frames());
            for (int frame = 0; frame < 30; frame++) {
                assertEquals(frame * 1001 / 24000.0, track.times().get(frame));
                assertEquals(20 + 7 * frame, level(track, frame), 2);
            }
        }
    }

    /// Twenty frames at 24000/1001 Hz whose times are whole milliseconds, so that their mean rate is another one.
    @Test
    void aConstantRateIsToldExactlyWhereTheClockIsCoarse() throws IOException {
        try (var media = READER.decode(Path.of("src/test/resources/media/rounded.mp4"))) {
            VideoTrack track = media.video().orElseThrow();
            assertEquals(0.042, track.times().get(1));
            assertEquals(new FrameRate(24000, 1001), track.frameRate().orElseThrow());
            assertTrue(track.constantRate());
        }
    }

    @Test
    void aVaryingRateIsToldAsSuch() throws IOException {
        try (var media = READER.decode(VARYING)) {
            VideoTrack track = media.video().orElseThrow();
            assertFalse(track.constantRate());
            assertEquals(List.of(0.0, 0.04, 0.08, 0.2, 0.24, 0.5, 0.52, 0.9), track.times());
            assertEquals(8 / 0.94, track.frameRate().orElseThrow().hertz(), 1e-9);
        }
    }

    /// Which frames lie in [start, start + duration).
    @ParameterizedTest
    @CsvSource({
        "0, 0.04, 0, 0",
        "0, 0.041, 0, 1",
        "0.04, 0.16, 1, 2",
        "0.05, 0.2, 2, 4",
        "0.5, 10, 5, 7",
        "0.9, 0.01, 7, 7"
    })
    void framesOfASpanAreThoseWhoseTimeLiesInIt(double start, double duration, int first, int last) throws IOException {
        try (var media = READER.decode(VARYING, new TimeSpan(start, duration))) {
            VideoTrack track = media.video().orElseThrow();
            List<Integer> found = new ArrayList<>();
            for (int frame = 0; frame < track.frames().frames(); frame++) {
                found.add(Math.round((level(track, frame) - 20) / 7f));
            }
            assertEquals(first, found.getFirst());
            assertEquals(last, found.getLast());
            assertEquals(last - first + 1, found.size());
        }
    }

    @Test
    void aSpanWithoutFramesIsAnErrorThatTellsTheLength() {
        for (TimeSpan span : new TimeSpan[] {new TimeSpan(0.6, 0.2), new TimeSpan(7, 1)}) {
            var refusal = assertThrows(
                    IOException.class, () -> READER.decode(VARYING, span).close());
            assertTrue(refusal.getMessage().contains("lasts 0.940 s"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(VARYING.toString()), refusal.getMessage());
        }
    }

    /// From a late start decoding begins in the middle of the file, and must give the same.
    @ParameterizedTest
    @CsvSource({"0.5, 1", "2.51, 0.7", "3.9, 0.5", "4, 0.5", "4.3, 1.2", "6.2, 9"})
    void aPartIsWhatTheWholeHasThere(double start, double duration) throws IOException {
        Path file = folder.resolve("long.mp4");
        Sound sound = MovingGradient.sound(arena, 2, 7 * 24_000, 24_000);
        var format = ClipFormat.withSound(64, 48, FrameRate.of(25), SoundFormat.of(sound));
        try (var clip = Mp4Writer.open(file, format)) {
            clip.writeFrames(MovingGradient.frames(arena, 7 * 25, 48, 64));
            clip.writeSound(sound);
            clip.finish();
        }
        try (var whole = READER.decode(file);
                var part = READER.decode(file, new TimeSpan(start, duration))) {
            int first = (int) Math.ceil(Math.rint(start * 25 * 1000) / 1000);
            RgbFrames expected = whole.video().orElseThrow().frames();
            VideoTrack found = part.video().orElseThrow();
            assertEquals(first / 25.0, found.times().getFirst());
            assertEquals(FrameRate.of(25), found.frameRate().orElseThrow());
            int count = found.frames().frames();
            assertEquals(
                    -1,
                    expected.range(first, count).rgb().mismatch(found.frames().rgb()));
            Sound all = whole.sound().orElseThrow().sound();
            Sound cut = part.sound().orElseThrow().sound();
            int skipped = (int) Math.rint(start * 24_000);
            assertEquals(Math.min(Math.rint(duration * 24_000), all.length() - skipped), cut.length());
            for (int channel = 0; channel < 2; channel++) {
                for (int index = 0; index < cut.length(); index++) {
                    assertEquals(all.sample(channel, skipped + index), cut.sample(channel, index), 1e-6f);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.00002, 0.1, 0, 2400", "0.00003, 0.1, 1, 2400", "0.5, 0.25001, 12000, 6000", "1.2, 5, 28800, 1200"})
    void soundIsCutToTheSample(double start, double duration, int skipped, int kept) throws IOException {
        Sound sound = MovingGradient.sound(arena, 1, 30_000, 24_000);
        Path file = folder.resolve("sound.wav");
        WavWriter.write(file, sound);
        try (var media = READER.decode(file, new TimeSpan(start, duration))) {
            Sound cut = media.sound().orElseThrow().sound();
            assertEquals(kept, cut.length());
            assertEquals(24_000, cut.sampleRate());
            for (int index = 0; index < kept; index++) {
                assertEquals(sound.sample(0, skipped + index), cut.sample(0, index), 2e-4f);
            }
        }
    }

    @Test
    void soundThatEndsEarlierIsLeftOut() throws IOException {
        Path file = folder.resolve("short.mp4");
        Sound sound = MovingGradient.sound(arena, 1, 12_000, 24_000);
        var format = ClipFormat.withSound(64, 48, FrameRate.of(10), SoundFormat.of(sound));
        try (var clip = Mp4Writer.open(file, format)) {
            clip.writeFrames(MovingGradient.frames(arena, 20, 48, 64));
            clip.writeSound(sound);
            clip.finish();
        }
        try (var media = READER.decode(file, new TimeSpan(1, 0.5))) {
            assertEquals(5, media.video().orElseThrow().frames().frames());
            assertTrue(media.sound().isEmpty());
        }
        Path alone = folder.resolve("alone.wav");
        WavWriter.write(alone, sound);
        var refusal = assertThrows(
                IOException.class,
                () -> READER.decode(alone, new TimeSpan(1, 1)).close());
        assertTrue(refusal.getMessage().contains("lasts 0.500 s"), refusal.getMessage());
    }

    @Test
    void oneChannelBecomesTwoEqualOnes() throws IOException {
        try (var media = READER.decode(VARYING)) {
            Sound mono = media.sound().orElseThrow().sound();
            assertEquals(1, mono.channels());
            assertEquals(30_000, mono.length());
            Sound stereo = mono.stereo(arena);
            assertEquals(2, stereo.channels());
            for (int index = 0; index < mono.length(); index++) {
                assertEquals(mono.sample(0, index), stereo.sample(0, index));
                assertEquals(mono.sample(0, index), stereo.sample(1, index));
            }
        }
    }

    /// Channel `n` of the six is a sine of 220 · n Hz; the fourth, for low tones, is left out.
    @Test
    void sixChannelsAreMixedToTwo() throws IOException {
        try (var media = READER.decode(NTSC)) {
            Sound sound = media.sound().orElseThrow().sound();
            assertEquals(2, sound.channels());
            double[] left = {1, 0, Math.sqrt(0.5), 0, Math.sqrt(0.5), 0};
            double sum = 1 + Math.sqrt(2);
            for (int channel = 0; channel < 6; channel++) {
                assertEquals(0.4 * left[channel] / sum, amplitude(sound, 0, 220 * (channel + 1)), 0.02);
            }
        }
    }

    @Test
    void phonesSidewaysClipsStandUpright() throws IOException {
        try (var media = READER.decode(Path.of("src/test/resources/media/turned.mp4"))) {
            RgbFrames frames = media.video().orElseThrow().frames();
            assertEquals("64x48", frames.height() + "x" + frames.width());
            MemorySegment pixels = frames.frame(2);
            assertEquals(255, pixels.get(ValueLayout.JAVA_BYTE, 3 * (5 * 48 + 40)) & 255, 8);
            assertEquals(20 + 2 * 7, pixels.get(ValueLayout.JAVA_BYTE, 3 * (5 * 48 + 5)) & 255, 8);
        }
    }

    /// Levels of PCM become what the reference takes them for, whatever their width.
    @ParameterizedTest
    @ValueSource(ints = {8, 16, 24, 32})
    void samplesOfEveryWidthFillTheSameRange(int bits) throws IOException {
        Path file = Files.write(folder.resolve("levels.wav"), WaveFiles.levels(bits));
        try (var media = READER.decode(file)) {
            Sound sound = media.sound().orElseThrow().sound();
            assertEquals(-1, sound.sample(0, 0));
            assertEquals(-0.5f, sound.sample(0, 1));
            assertEquals(0, sound.sample(0, 2));
            assertEquals(0.5f, sound.sample(0, 3));
            assertEquals(Math.scalb((1L << bits - 1) - 1, 1 - bits), sound.sample(0, 4), 1e-9);
        }
    }

    @Test
    void limitsHoldForThePartThatIsRead() throws IOException {
        var oneSecond = new MediaLimits(1L << 20, 0.5, 10_000, 8, 100_000, 100_000);
        var refusal = assertThrows(
                IOException.class,
                () -> new MediaReader(oneSecond).decode(VARYING).close());
        assertTrue(refusal.getMessage().contains("0.940 s, at most 0.5 s"), refusal.getMessage());
        try (var media = new MediaReader(oneSecond).decode(VARYING, new TimeSpan(0.1, 0.4))) {
            assertEquals(2, media.video().orElseThrow().frames().frames());
        }
        var small = new MediaLimits(1000, 600, 10_000, 8, 100_000, 100_000);
        refusal = assertThrows(
                IOException.class, () -> new MediaReader(small).decode(VARYING).close());
        assertTrue(refusal.getMessage().contains("at most 1000 are allowed"), refusal.getMessage());
    }

    @Test
    void spansThatAreNoneAreRefused() {
        for (double start : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new TimeSpan(start, 1));
        }
        for (double duration : new double[] {0, -1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new TimeSpan(0, duration));
        }
    }

    /// How much of a tone is in a channel, by correlation with it.
    private static double amplitude(Sound sound, int channel, double hertz) {
        double sine = 0;
        double cosine = 0;
        int length = sound.length() / 1200 * 1200; // whole periods
        for (int index = 0; index < length; index++) {
            double angle = 2 * Math.PI * hertz * index / sound.sampleRate();
            sine += sound.sample(channel, index) * Math.sin(angle);
            cosine += sound.sample(channel, index) * Math.cos(angle);
        }
        return 2 * Math.hypot(sine, cosine) / length;
    }

    private static int level(VideoTrack track, int frame) {
        return track.frames().frame(frame).get(ValueLayout.JAVA_BYTE, 3 * (20 * 64 + 30)) & 255;
    }
}
