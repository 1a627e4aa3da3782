package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.media.ClipJudge.Colour;
import io.zoetrope.media.ClipJudge.Movement;
import io.zoetrope.media.ClipJudge.Tone;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The judge on clips whose content is known: drawn here, and made by the reference.
class ClipJudgeTest {

    private static final int FRAMES = 17;
    private static final int SIDE = 96;
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
        "BLUE, RED, LEFT_TO_RIGHT, HIGH",
        "GREEN, WHITE, RIGHT_TO_LEFT, LOW",
        "BLACK, YELLOW, UP, MIDDLE",
        "WHITE, BLACK, DOWN, HIGH",
        "YELLOW, GREEN, GROWS, LOW",
        "RED, BLUE, OTHER, MIDDLE",
        "WHITE, YELLOW, GROWS, HIGH",
        "BLACK, BLUE, LEFT_TO_RIGHT, LOW",
        "YELLOW, WHITE, UP, MIDDLE",
        "RED, YELLOW, DOWN, LOW",
    })
    void drawnClipIsJudgedAsDrawnEvenAfterCompression(Colour background, Colour shape, Movement movement, Tone tone)
            throws IOException {
        RgbFrames frames = draw(background, shape, movement);
        Sound sound = tone(tone);
        var drawn = new ClipJudge(background, shape, movement, tone);
        assertEquals(drawn, ClipJudge.judge(frames, sound));

        Path file = folder.resolve("clip.mp4");
        var format = ClipFormat.withSound(SIDE, SIDE, FrameRate.of(8), SoundFormat.of(sound));
        try (var clip = Mp4Writer.open(file, format)) {
            clip.writeFrames(frames);
            clip.writeSound(sound);
            clip.finish();
        }
        try (var media = READER.decode(file)) {
            RgbFrames pictures = media.video().orElseThrow().frames();
            assertEquals(
                    drawn, ClipJudge.judge(pictures, media.sound().orElseThrow().sound()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "red-circle-right-high, BLUE, RED, LEFT_TO_RIGHT, HIGH",
        "green-triangle-grows-middle, WHITE, GREEN, GROWS, MIDDLE",
    })
    void samplesOfTheDemoModelAreJudgedAsAsked(
            String name, Colour background, Colour shape, Movement movement, Tone tone) throws IOException {
        try (var strip = READER.decode(DemoSamples.file(name + ".png"));
                var wave = READER.decode(DemoSamples.file(name + ".wav"))) {
            RgbFrames frames = DemoSamples.cut(strip.video().orElseThrow().frames(), arena);
            Sound sound = wave.sound().orElseThrow().sound();
            assertEquals(50_160, sound.length());
            assertEquals(new ClipJudge(background, shape, movement, tone), ClipJudge.judge(frames, sound));
        }
    }

    @Test
    void anEmptyPictureIsNoClip() {
        RgbFrames empty = RgbFrames.allocate(arena, FRAMES, SIDE, SIDE);
        Sound sound = tone(Tone.LOW);
        assertThrows(AssertionError.class, () -> ClipJudge.judge(empty, sound));
    }

    /// A disc that does as told.
    private RgbFrames draw(Colour background, Colour shape, Movement movement) {
        RgbFrames clip = RgbFrames.allocate(arena, FRAMES, SIDE, SIDE);
        for (int frame = 0; frame < FRAMES; frame++) {
            double time = (double) frame / (FRAMES - 1);
            double travel = SIDE * (0.2 + 0.6 * time);
            double middle = SIDE / 2.0;
            double across = middle;
            double down = middle;
            double radius = 14;
            switch (movement) {
                case LEFT_TO_RIGHT -> across = travel;
                case RIGHT_TO_LEFT -> across = SIDE - travel;
                case DOWN -> down = travel;
                case UP -> down = SIDE - travel;
                case GROWS -> radius = 8 + 22 * time;
                case OTHER -> down = middle + 20 * Math.cos(4 * Math.PI * time);
            }
            draw(clip.frame(frame), background, shape, across, down, radius);
        }
        return clip;
    }

    private static void draw(
            MemorySegment pixels, Colour background, Colour shape, double across, double down, double radius) {
        long position = 0;
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                boolean inside = Math.hypot(column - across, row - down) < radius;
                for (int channel = 0; channel < 3; channel++) {
                    // Not quite the pure colours: the model's are not either.
                    int level = (inside ? shape : background).level(channel) == 255 ? 220 : 30;
                    pixels.set(ValueLayout.JAVA_BYTE, position++, (byte) level);
                }
            }
        }
    }

    private Sound tone(Tone tone) {
        int length = SAMPLE_RATE * FRAMES / 8;
        Sound sound = Sound.allocate(arena, 2, length, SAMPLE_RATE);
        for (int index = 0; index < length; index++) {
            double phase = 2 * Math.PI * tone.frequency() * 1.03 * index / SAMPLE_RATE;
            float sample = (float) (0.4 * Math.sin(phase) + 0.1 * Math.sin(3 * phase));
            sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, index, sample);
            sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, length + index, sample / 4);
        }
        return sound;
    }
}
