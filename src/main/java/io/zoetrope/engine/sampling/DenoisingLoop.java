package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.transformer.StreamText;
import io.zoetrope.engine.transformer.Transformer;
import java.time.Duration;

/// Denoises both streams from the first level of a schedule to the last.
public final class DenoisingLoop {

    /// What a run is made of.
    ///
    /// @param sigmas   levels of the schedule, float32, from 1 to 0
    /// @param sampler  how to step
    /// @param guidance of both streams
    /// @param spread   over what rescaling measures
    public record Settings(float[] sigmas, Sampler sampler, Guidance guidance, GuidanceRules.Spread spread) {

        /// Steps that a listener will see.
        public int steps() {
            return sampler.levels(sigmas).length - 1;
        }
    }

    private final Transformer transformer;

    public DenoisingLoop(Transformer transformer) {
        this.transformer = transformer;
    }

    /// @param states   noisy, in the transformer's element type
    /// @param positive context of the prompt
    /// @param negative context of the negative prompt, null if there is none
    /// @return clean latents, `[B, T, C]` each
    /// @throws StepListener.StoppedException if the listener says so
    public Streams<Tensor> run(
            Settings settings,
            Streams<LatentState> states,
            TextContext positive,
            TextContext negative,
            StepListener listener,
            TraceListener trace) {
        float[] levels = settings.sampler().levels(settings.sigmas());
        try (TensorScope scope = TensorScope.open();
                GuidedDenoiser denoiser = new GuidedDenoiser(
                        transformer,
                        settings.guidance(),
                        settings.spread(),
                        settings.sampler().needsUnconditional(),
                        new GuidedDenoiser.Texts(
                                texts(positive, states), negative == null ? null : texts(negative, states)),
                        states,
                        trace);
                Sampler.Run run = settings.sampler().start(states)) {
            Streams<Tensor> latents = states.map(LatentState::latent);
            for (int index = 0; index < levels.length - 1; index++) {
                long start = System.nanoTime();
                Streams<Tensor> before = latents;
                latents = step(run, index, levels, latents, denoiser);
                release(before, index > 0);
                trace.stepped(index, latents);
                Duration duration = Duration.ofNanos(System.nanoTime() - start);
                if (!listener.stepped(index + 1, levels.length - 1, levels[index + 1], duration)) {
                    throw new StepListener.StoppedException(index + 1);
                }
            }
            return Streams.keep(scope, latents);
        }
    }

    private static Streams<Tensor> step(
            Sampler.Run run, int index, float[] levels, Streams<Tensor> latents, Denoise denoise) {
        try (TensorScope scope = TensorScope.open()) {
            return Streams.keep(scope, run.step(index, levels[index], levels[index + 1], latents, denoise));
        }
    }

    /// The first latents belong to the caller's states.
    private static void release(Streams<Tensor> latents, boolean ours) {
        if (ours) {
            Streams.close(latents);
        }
    }

    /// The text of the streams that are there.
    private Streams<StreamText> texts(TextContext context, Streams<LatentState> states) {
        return new Streams<>(
                states.video() == null ? null : transformer.videoText(context.video(), null),
                states.audio() == null ? null : transformer.audioText(context.audio(), null));
    }
}
