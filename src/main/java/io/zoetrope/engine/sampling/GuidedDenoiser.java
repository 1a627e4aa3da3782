package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.Geometry;
import io.zoetrope.engine.transformer.Perturbation;
import io.zoetrope.engine.transformer.RecordedPasses;
import io.zoetrope.engine.transformer.StreamInput;
import io.zoetrope.engine.transformer.StreamText;
import io.zoetrope.engine.transformer.Transformer;
import io.zoetrope.engine.transformer.Velocity;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Gatherers;

/// Asks the transformer for all passes of a step, several at once as a batch, and combines their predictions. For one
/// run of one clip; belongs to its thread.
final class GuidedDenoiser implements Denoise {

    /// The last guided predictions, for skipped steps.
    static final String GUIDED = "guided";

    /// Passes that go through the transformer together, a sample each.
    private record Batch(List<GuidancePass> passes, Streams<StreamText> texts, List<Perturbation> perturbations) {}

    private static final int POSITIVE = 0; // samples of the text
    private static final int NEGATIVE = 1;

    /// One of the two streams.
    @FunctionalInterface
    private interface Side {
        <T> T of(Streams<T> both);
    }

    private final RecordedPasses passes;
    private final Guidance guidance;
    private final GuidanceRules.Spread spread;
    private final List<Batch> batches;
    private final Streams<Geometry> geometry;
    private final Streams<Tensor> masks; // float32 [B, T, 1], or [B, 1, 1] where nothing is given
    private final Streams<Boolean> frozen;
    private final Streams<Tensor> attention; // additive [B, 1, T, T], or null where all tokens see all
    private final StepMemory memory;
    private final TraceListener trace;

    /// @param keepsUnconditional whether the sampler wants the negative prediction in every step
    /// @param texts              two samples: of the prompt, and of the negative prompt if there is one
    GuidedDenoiser(
            Transformer transformer,
            RecordedPasses passes,
            Guidance guidance,
            GuidanceRules.Spread spread,
            int passesAtOnce,
            boolean keepsUnconditional,
            Streams<StreamText> texts,
            Streams<LatentState> states,
            StepMemory memory,
            TraceListener trace) {
        this.passes = passes;
        this.guidance = guidance;
        this.spread = spread;
        this.batches = batches(guidance, keepsUnconditional, texts, passesAtOnce);
        this.geometry = new Streams<>(
                states.video() == null
                        ? null
                        : transformer.videoGeometry(states.video().positions()),
                states.audio() == null
                        ? null
                        : transformer.audioGeometry(states.audio().positions()));
        this.masks = states.map(state -> Masks.isWhole(state) ? state.mask().narrow(1, 0, 1) : state.mask());
        this.frozen = states.map(LatentState::frozen);
        this.attention =
                states.map(state -> state.attention() == null ? null : transformer.selfMask(state.attention()));
        this.memory = memory;
        this.trace = trace;
    }

    private static List<Batch> batches(
            Guidance guidance, boolean keepsUnconditional, Streams<StreamText> texts, int passesAtOnce) {
        Set<GuidancePass> passes = guidance.passes();
        if (keepsUnconditional) {
            passes.add(GuidancePass.UNCONDITIONAL);
        }
        return passes.stream()
                .gather(Gatherers.windowFixed(passesAtOnce))
                .map(together -> new Batch(
                        together,
                        texts.map(text -> text.samples(together.stream()
                                .mapToLong(pass -> sample(pass, text))
                                .toArray())),
                        together.stream().map(guidance::perturbation).toList()))
                .toList();
    }

    private static int sample(GuidancePass pass, StreamText text) {
        return pass == GuidancePass.UNCONDITIONAL && text.count() > NEGATIVE ? NEGATIVE : POSITIVE;
    }

    @Override
    public Prediction at(Streams<Tensor> latents, double sigma, int step) {
        Streams<Boolean> computed = new Streams<>(
                latents.video() != null && guidance.video().computedIn(step),
                latents.audio() != null && guidance.audio().computedIn(step));
        Streams<Tensor> last = memory.recall(GUIDED);
        if (!computed.video() && !computed.audio()) {
            return new Prediction(last, null);
        }
        try (TensorScope scope = TensorScope.open()) {
            Map<GuidancePass, Streams<Tensor>> predictions = new EnumMap<>(GuidancePass.class);
            for (Batch batch : batches) {
                Streams<Tensor> clean = predict(batch, latents, sigma, computed);
                for (int sample = 0; sample < batch.passes().size(); sample++) {
                    int index = sample;
                    GuidancePass pass = batch.passes().get(sample);
                    predictions.put(pass, clean.map(all -> all.narrow(0, index, 1)));
                    trace.predicted(step, pass.code(), predictions.get(pass));
                }
            }
            Streams<Tensor> guided = new Streams<>(
                    computed.video() ? combine(guidance.video(), predictions, true) : last.video(),
                    computed.audio() ? combine(guidance.audio(), predictions, false) : last.audio());
            trace.predicted(step, "guided", guided);
            memory.remember(
                    GUIDED,
                    new Streams<>(
                            computed.video() && guidance.video().skips() ? guided.video() : null,
                            computed.audio() && guidance.audio().skips() ? guided.audio() : null));
            Streams<Tensor> unconditional = predictions.get(GuidancePass.UNCONDITIONAL);
            return new Prediction(
                    Streams.keep(scope, guided), unconditional == null ? null : Streams.keep(scope, unconditional));
        }
    }

    /// @return a sample for each pass of the batch
    private Streams<Tensor> predict(Batch batch, Streams<Tensor> latents, double sigma, Streams<Boolean> computed) {
        try (TensorScope scope = TensorScope.open()) {
            StreamInput video = input(latents, batch, sigma, computed, Streams::video);
            StreamInput audio = input(latents, batch, sigma, computed, Streams::audio);
            Velocity velocity = passes.forward(video, audio, batch.perturbations());
            return Streams.keep(scope, new Streams<>(clean(video, velocity.video()), clean(audio, velocity.audio())));
        }
    }

    private StreamInput input(
            Streams<Tensor> latents, Batch batch, double sigma, Streams<Boolean> computed, Side side) {
        Tensor latent = side.of(latents);
        if (latent == null) {
            return null;
        }
        // of a frozen stream the network must not think that it is noisy
        double level = side.of(frozen) ? 0 : sigma;
        return new StreamInput(
                latent.expand(batch.passes().size(), Tensor.ANY, Tensor.ANY),
                Tensor.full(level, DataType.FLOAT32, latent.device(), 1),
                side.of(masks).times(sigma),
                side.of(geometry),
                side.of(batch.texts()),
                side.of(attention),
                side.of(computed));
    }

    private static Tensor clean(StreamInput input, Tensor velocity) {
        return input == null ? null : Velocity.denoised(input.latent(), velocity, input.timesteps());
    }

    private Tensor combine(StreamGuidance stream, Map<GuidancePass, Streams<Tensor>> predictions, boolean video) {
        return GuidanceRules.combine(
                stream,
                of(predictions, GuidancePass.CONDITIONAL, video),
                of(predictions, GuidancePass.UNCONDITIONAL, video),
                of(predictions, GuidancePass.PERTURBED, video),
                of(predictions, GuidancePass.ISOLATED, video),
                spread);
    }

    private static Tensor of(Map<GuidancePass, Streams<Tensor>> predictions, GuidancePass pass, boolean video) {
        Streams<Tensor> prediction = predictions.get(pass);
        return prediction == null ? null : video ? prediction.video() : prediction.audio();
    }
}
