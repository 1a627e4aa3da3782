package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes into an MP4 comes out of it again.
class Mp4RoundTripTest {

    private static final int SAMPLE_RATE = 24_000;
    private static final MediaReader READER = new MediaReader(MediaLimits.DEFAULT);

    private final Arena arena = Arena.ofConfined();

    @TempDir
    private Path folder;

    @AfterEach
    void release() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "64, 64, 17, 24, 24/1",
        "96, 96, 17, 8, 8/1",
        "96, 64, 25, 25, 25/1",
        "64, 96, 33, 29.97, 30000/1001",
        "96, 96, 1, 24, 24/1",
        "96, 96, 9, 23.976, 24000/1001",
        "96, 96, 9, 12.5, 25/2",
        "64, 64, 121, 120, 120/1",
        "64, 64, 3, 1, 1/1",
        "768, 512, 9, 24, 24/1",
        "98, 62, 9, 24, 24/1",
    })
    void clipWithSoundComesBackWhole(int width, int height, int frames, double hertz, String rate) throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, frames, height, width);
        FrameRate frameRate = FrameRate.of(hertz);
        int length = (int) Math.round(frameRate.seconds(frames) * SAMPLE_RATE);
        Sound sound = MovingGradient.sound(arena, 2, length, SAMPLE_RATE);
        Path file = write("clip.mp4", pictures, frameRate, Optional.of(sound));

        assertEquals(List.of("ftyp", "moov", "free", "mdat"), Measures.boxes(file));
        try (var media = READER.decode(file)) {
            VideoTrack video = media.video().orElseThrow();
            assertEquals(frames, video.frames().frames());
            assertEquals(width, video.frames().width());
            assertEquals(height, video.frames().height());
            FrameRate found = video.frameRate().orElseThrow();
            assertEquals(rate, found.numerator() + "/" + found.denominator());
            assertEquals(frameRate.seconds(frames), video.seconds(), 1e-4);
            assertEquals("h264 High yuv420p", String.join(" ", video.codec(), video.profile(), video.pixelFormat()));
            assertEquals(
                    "bt709 bt709 bt709 tv",
                    String.join(" ", video.colorSpace(), video.primaries(), video.transfer(), video.range()));
            double quality = Measures.peakSignalToNoise(pictures, video.frames());
            assertTrue(quality > 38, "PSNR %.1f dB".formatted(quality));

            SoundTrack track = media.sound().orElseThrow();
            assertEquals("aac LC", track.codec() + " " + track.profile());
            assertEquals(SAMPLE_RATE, track.sound().sampleRate());
            assertEquals(2, track.sound().channels());
            assertEquals(length, track.sound().length());
            for (int channel = 0; channel < 2; channel++) {
                double expected = MovingGradient.FREQUENCY * (1 << channel);
                assertEquals(expected, Measures.frequency(track.sound(), channel), expected * 0.01);
                double loudness = MovingGradient.LOUDNESS / Math.sqrt(2);
                assertEquals(loudness, Measures.loudness(track.sound(), channel), 0.1 * loudness);
                double purity = Measures.signalToNoise(sound, track.sound(), channel);
                assertTrue(purity > 15, "sound to noise %.1f dB".formatted(purity));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"red-circle-right-high", "green-triangle-grows-middle"})
    void clipsOfTheDemoModelKeepTheirQuality(String name) throws IOException {
        try (var strip = READER.decode(DemoSamples.file(name + ".png"))) {
            RgbFrames frames = DemoSamples.cut(strip.video().orElseThrow().frames(), arena);
            Path file = write("clip.mp4", frames, FrameRate.of(8), Optional.empty());
            try (var media = READER.decode(file)) {
                double quality = Measures.peakSignalToNoise(
                        frames, media.video().orElseThrow().frames());
                assertTrue(quality > 40, "PSNR %.1f dB".formatted(quality));
            }
        }
    }

    @Test
    void silentClipHasNoSoundStream() throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, 9, 64, 64);
        Path file = write("silent.mp4", pictures, FrameRate.of(24), Optional.empty());
        try (var media = READER.decode(file)) {
            assertTrue(media.sound().isEmpty());
            assertEquals(9, media.video().orElseThrow().frames().frames());
            assertEquals(9 / 24.0, media.video().orElseThrow().seconds(), 1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource({"100", "6000", "30000", "50160"})
    void soundOfAnotherLengthLeavesThePicturesAlone(int length) throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, 24, 64, 64);
        Sound sound = MovingGradient.sound(arena, 2, length, SAMPLE_RATE);
        Path file = write("clip.mp4", pictures, FrameRate.of(24), Optional.of(sound));
        try (var media = READER.decode(file)) {
            assertEquals(24, media.video().orElseThrow().frames().frames());
            assertEquals(1.0, media.video().orElseThrow().seconds(), 1e-4);
            assertEquals(length, media.sound().orElseThrow().sound().length());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16000", "2, 16000", "1, 48000", "2, 48000", "2, 44100", "1, 8000"})
    void otherRatesAndMonoWork(int channels, int sampleRate) throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, 9, 64, 64);
        Sound sound = MovingGradient.sound(arena, channels, sampleRate / 2, sampleRate);
        Path file = write("clip.mp4", pictures, FrameRate.of(18), Optional.of(sound));
        try (var media = READER.decode(file)) {
            Sound found = media.sound().orElseThrow().sound();
            assertEquals(channels, found.channels());
            assertEquals(sampleRate, found.sampleRate());
            assertEquals(sampleRate / 2, found.length());
            assertEquals(MovingGradient.FREQUENCY, Measures.frequency(found, 0), 5);
        }
    }

    @Test
    void piecesOfAnySizeGiveTheSameFile() throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, 17, 64, 96);
        Sound sound = MovingGradient.sound(arena, 1, 17_000, SAMPLE_RATE);
        Path whole = write("whole.mp4", pictures, FrameRate.of(24), Optional.of(sound));
        Path pieces = folder.resolve("pieces.mp4");
        var format = ClipFormat.withSound(96, 64, FrameRate.of(24), SoundFormat.of(sound));
        try (var clip = Mp4Writer.open(pieces, format)) {
            clip.writeFrames(pictures.range(0, 1));
            clip.writeFrames(pictures.range(1, 8));
            clip.writeFrames(pictures.range(9, 8));
            for (int first = 0; first < sound.length(); first += 700) {
                int length = Math.min(700, sound.length() - first);
                var samples = sound.samples().asSlice(4L * first, 4L * length);
                clip.writeSound(new Sound(samples, 1, length, SAMPLE_RATE));
            }
            clip.finish();
        }
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(pieces));
    }

    @Test
    void longClipKeepsEveryFrameThoughTheSoundComesLast() throws IOException {
        RgbFrames pictures = MovingGradient.frames(arena, 40, 64, 64);
        Sound sound = MovingGradient.sound(arena, 2, 40 * SAMPLE_RATE, SAMPLE_RATE);
        Path file = write("long.mp4", pictures, FrameRate.of(1), Optional.of(sound));
        try (var media = READER.decode(file)) {
            assertEquals(40, media.video().orElseThrow().frames().frames());
            assertEquals(40, media.video().orElseThrow().seconds(), 1e-4);
            assertEquals(40, media.sound().orElseThrow().seconds(), 1e-4);
        }
    }

    @Test
    void fileNamesAreTakenAsTheyAre() throws IOException {
        for (String name : List.of("mit Umlaut ü 影.mp4", "100%03d.mp4", "http:x.mp4", "no-extension")) {
            RgbFrames pictures = MovingGradient.frames(arena, 1, 64, 64);
            Path file = write(name, pictures, FrameRate.of(24), Optional.empty());
            try (var media = READER.decode(file)) {
                assertEquals(1, media.video().orElseThrow().frames().frames());
            }
        }
        try (var files = Files.list(folder)) {
            assertFalse(files.anyMatch(file -> file.toString().endsWith(".part")));
        }
    }

    private Path write(String name, RgbFrames frames, FrameRate rate, Optional<Sound> sound) throws IOException {
        Path file = folder.resolve(name);
        var format = new ClipFormat(frames.width(), frames.height(), rate, sound.map(SoundFormat::of));
        try (var clip = Mp4Writer.open(file, format)) {
            clip.writeFrames(frames);
            if (sound.isPresent()) {
                clip.writeSound(sound.get());
            }
            clip.finish();
        }
        return file;
    }
}
