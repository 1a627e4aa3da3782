package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.media.ClipJudge;
import io.zoetrope.media.ClipJudge.Colour;
import io.zoetrope.media.ClipJudge.Movement;
import io.zoetrope.media.ClipJudge.Tone;
import io.zoetrope.worker.ClipFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Thirty prompts: does the demo model's clip show and sound like what it was asked for? Judged by a program; the
/// model's
/// own rates are 1.00 for colours and tone and 0.92 for movement.
class DemoModelTest {

    private static final int PROMPTS = 30;
    private static final int FRAMES = 17;
    private static final int SIDE = 96;
    private static final StreamGuidance TWO = new StreamGuidance(2, 0, Set.of(), 1, 0, 0);
    private static final Map<Movement, String> MOVEMENTS = Map.of(
            Movement.LEFT_TO_RIGHT, "moves left to right",
            Movement.RIGHT_TO_LEFT, "moves right to left",
            Movement.UP, "rises",
            Movement.DOWN, "falls",
            Movement.GROWS, "grows");

    private record Wish(Colour shape, Colour background, Movement movement, Tone tone) {

        String prompt(String kind) {
            return "A %s %s %s on a %s background with a %s tone."
                    .formatted(word(shape), kind, MOVEMENTS.get(movement), word(background), word(tone));
        }

        private static String word(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }
    }

    @Test
    void clipsShowAndSoundLikeWhatWasAskedFor() {
        int shapes = 0;
        int backgrounds = 0;
        int movements = 0;
        int tones = 0;
        List<String> missed = new ArrayList<>();
        try (Ltx2 model = Ltx2.load(ModelFiles.of(Path.of("models/demo")), Device.CPU, DataType.FLOAT32)) {
            for (int number = 0; number < PROMPTS; number++) {
                Wish wish = wish(number);
                String prompt =
                        wish.prompt(List.of("circle", "square", "triangle").get(number % 3));
                ClipJudge seen = judge(model, prompt, number + 1);
                shapes += seen.shape() == wish.shape() ? 1 : 0;
                backgrounds += seen.background() == wish.background() ? 1 : 0;
                movements += seen.movement() == wish.movement() ? 1 : 0;
                tones += seen.tone() == wish.tone() ? 1 : 0;
                if (!seen.equals(new ClipJudge(wish.background(), wish.shape(), wish.movement(), wish.tone()))) {
                    missed.add(prompt + " -> " + seen);
                }
            }
        }
        String rates = "of %d: shape's colour %d, background %d, movement %d, tone %d; %s"
                .formatted(PROMPTS, shapes, backgrounds, movements, tones, missed);
        System.out.println(rates);
        assertTrue(shapes >= PROMPTS - 1 && backgrounds >= PROMPTS - 1 && tones >= PROMPTS - 1, rates);
        assertTrue(movements >= PROMPTS - 5, rates);
    }

    /// Every combination differs; the same thirty in every run.
    private static Wish wish(int number) {
        List<Colour> colours = List.of(Colour.values());
        List<Movement> movements =
                List.of(Movement.LEFT_TO_RIGHT, Movement.RIGHT_TO_LEFT, Movement.UP, Movement.DOWN, Movement.GROWS);
        Colour shape = colours.get(number % 6);
        Colour background = colours.get((number + 1 + (number / 6) % 5) % 6);
        return new Wish(shape, background, movements.get(number % 5), Tone.values()[(number / 2) % 3]);
    }

    private static ClipJudge judge(Ltx2 model, String prompt, long seed) {
        try (TensorScope _ = TensorScope.open()) {
            var settings = new DenoisingLoop.Settings(
                    SigmaSchedule.Shifted.STOCK.sigmas(10),
                    new Sampler.Euler(),
                    new Guidance(TWO, TWO),
                    GuidanceRules.Spread.PER_CLIP);
            var phase = Denoiser.Phase.ofNothing(new Denoiser.Picture(FRAMES, SIDE, SIDE, 8), settings);
            var job = new Denoiser.Job(FRAMES, 8, seed, Noise.STOCK, List.of(phase), null, 0);
            Latents latents = model.denoiser()
                    .denoise(
                            job,
                            model.textEncoder().encode(prompt),
                            model.textEncoder().encode(""),
                            DenoisingListener.NONE,
                            TraceListener.NONE);
            Clip clip = model.decoder().decode(latents, null);
            return ClipJudge.judge(
                    ClipFiles.frames(clip.frames()), ClipFiles.sound(new Waveform(clip.samples(), clip.sampleRate())));
        }
    }
}
