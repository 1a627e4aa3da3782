package io.zoetrope.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.transformer.TinyTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Guidance passes in batches are the passes one after the other, up to rounding.
class PassesAtOnceTest {

    private static final int SLOTS = 6;
    private static final double TOLERANCE = 1e-4; // of the largest element, after three steps

    private record Seen(List<String> predictions, float[] video, float[] audio) {}

    @Test
    void batchesPredictWhatSinglePassesPredict() {
        try (Checkpoint checkpoint = TinyTransformer.open();
                Denoiser denoiser = Denoiser.load(checkpoint, Device.CPU, DataType.FLOAT32)) {
            int width = checkpoint
                    .config()
                    .path("transformer")
                    .path("caption_channels")
                    .asInt();
            Seen single = run(denoiser, 1, width);
            assertEquals(
                    List.of("cond", "uncond", "perturbed", "isolated", "guided"),
                    single.predictions().subList(0, 5));
            for (int passesAtOnce = 2; passesAtOnce <= 4; passesAtOnce++) {
                Seen batched = run(denoiser, passesAtOnce, width);
                assertEquals(single.predictions(), batched.predictions());
                assertClose(single.video(), batched.video());
                assertClose(single.audio(), batched.audio());
            }
        }
    }

    private static Seen run(Denoiser denoiser, int passesAtOnce, int width) {
        StreamGuidance video = new StreamGuidance(3, 1, Set.of(0), 2, 0.7, 0);
        StreamGuidance audio = new StreamGuidance(2, 1, Set.of(1), 1, 0, 0);
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(3),
                new Sampler.Euler(),
                new Guidance(video, audio),
                GuidanceRules.Spread.PER_CLIP,
                passesAtOnce);
        var phase = Denoiser.Phase.ofNothing(new Denoiser.Picture(9, 64, 64, 24), settings);
        var job = new Denoiser.Job(9, 24, 7, Noise.STOCK, List.of(phase), null, 0);
        List<String> predictions = new ArrayList<>();
        TraceListener trace = new TraceListener() {
            @Override
            public void predicted(int step, String name, Streams<Tensor> clean) {
                predictions.add(name);
            }

            @Override
            public void stepped(int step, Streams<Tensor> latents) {
                // the predictions are looked at
            }
        };
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(5)) {
            TextContext positive = context(random, width);
            TextContext negative = context(random, width);
            Latents latents = denoiser.denoise(job, positive, negative, DenoisingListener.NONE, trace);
            return new Seen(
                    predictions, latents.video().toFloatArray(), latents.audio().toFloatArray());
        }
    }

    private static TextContext context(RandomStream random, int width) {
        return new TextContext(
                random.normal(DataType.FLOAT32, 1, SLOTS, width), random.normal(DataType.FLOAT32, 1, SLOTS, width));
    }

    private static void assertClose(float[] expected, float[] found) {
        double largest = 0;
        double difference = 0;
        for (int index = 0; index < expected.length; index++) {
            largest = Math.max(largest, Math.abs(expected[index]));
            difference = Math.max(difference, Math.abs(expected[index] - found[index]));
        }
        assertTrue(difference <= TOLERANCE * largest, "%g of %g".formatted(difference, largest));
    }
}
