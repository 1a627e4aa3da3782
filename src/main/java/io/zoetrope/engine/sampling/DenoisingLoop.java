package io.zoetrope.engine.sampling;

import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.transformer.RecordedPasses;
import io.zoetrope.engine.transformer.StreamText;
import io.zoetrope.engine.transformer.Transformer;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/// Denoises both streams from the first level of a schedule to the last.
public final class DenoisingLoop {

    /// What a run is made of.
    ///
    /// @param sigmas       levels of the schedule, float32, from 1 to 0
    /// @param sampler      how to step
    /// @param guidance     of both streams
    /// @param spread       over what rescaling measures
    /// @param passesAtOnce guidance passes that go through the transformer as one batch, at most; the number
    ///                     changes the last bits of the result
    public record Settings(
            float[] sigmas, Sampler sampler, Guidance guidance, GuidanceRules.Spread spread, int passesAtOnce) {

        /// All passes of a step at once.
        public Settings(float[] sigmas, Sampler sampler, Guidance guidance, GuidanceRules.Spread spread) {
            this(sigmas, sampler, guidance, spread, GuidancePass.values().length);
        }

        /// Steps that a listener will see.
        public int steps() {
            return sampler.levels(sigmas).length - 1;
        }
    }

    private final Transformer transformer;

    public DenoisingLoop(Transformer transformer) {
        this.transformer = transformer;
    }

    /// @param states   noisy, in the transformer's element type; of a run that goes on, their latents are not read
    /// @param positive context of the prompt
    /// @param negative context of the negative prompt, null if there is none
    /// @param from     the state to go on from, of the same settings and shapes, with a step left to do; null to
    ///                 begin
    /// @return clean latents, `[B, T, C]` each
    public Streams<Tensor> run(
            Settings settings,
            Streams<LatentState> states,
            TextContext positive,
            TextContext negative,
            LoopState from,
            LoopListener listener,
            TraceListener trace) {
        float[] levels = settings.sampler().levels(settings.sigmas());
        Device device = transformer.device();
        try (TensorScope scope = TensorScope.open();
                StepMemory memory = from == null ? StepMemory.empty() : StepMemory.of(from, device);
                RecordedPasses passes = RecordedPasses.of(transformer)) {
            GuidedDenoiser denoiser = new GuidedDenoiser(
                    transformer,
                    passes,
                    settings.guidance(),
                    settings.spread(),
                    settings.passesAtOnce(),
                    settings.sampler().needsUnconditional(),
                    texts(states, positive, negative),
                    states,
                    memory,
                    trace);
            Sampler.Run run = settings.sampler().start(states, memory);
            Streams<Tensor> latents =
                    from == null ? states.map(state -> state.latent().contiguous()) : from.latents(device);
            for (int index = from == null ? 0 : from.step(); index < levels.length - 1; index++) {
                long start = System.nanoTime();
                Streams<Tensor> before = latents;
                latents = step(run, index, levels, latents, denoiser);
                Streams.close(before);
                trace.stepped(index, latents);
                device.finish(); // a step that is told is done, and the next one can be called off
                Duration duration = Duration.ofNanos(System.nanoTime() - start);
                tell(listener, index + 1, levels, duration, latents, memory);
            }
            return Streams.keep(scope, latents);
        }
    }

    /// Contiguous, so that a run reads its latents in the same order whether it comes from a file or from a step.
    private static Streams<Tensor> step(
            Sampler.Run run, int index, float[] levels, Streams<Tensor> latents, Denoise denoise) {
        try (TensorScope scope = TensorScope.open()) {
            Streams<Tensor> next = run.step(index, levels[index], levels[index + 1], latents, denoise);
            return Streams.keep(scope, next.map(Tensor::contiguous));
        }
    }

    /// After the last step nothing is left to remember.
    private static void tell(
            LoopListener listener,
            int step,
            float[] levels,
            Duration duration,
            Streams<Tensor> latents,
            StepMemory memory) {
        boolean last = step == levels.length - 1;
        listener.stepped(
                step,
                levels[step],
                duration,
                () -> last ? LoopState.of(step, latents, Map.of(), Map.of()) : memory.at(step, latents));
    }

    /// The texts of the streams that are there, a sample for each prompt.
    private Streams<StreamText> texts(Streams<LatentState> states, TextContext positive, TextContext negative) {
        return new Streams<>(
                states.video() == null
                        ? null
                        : transformer.videoText(samples(positive, negative, TextContext::video), null),
                states.audio() == null
                        ? null
                        : transformer.audioText(samples(positive, negative, TextContext::audio), null));
    }

    private static Tensor samples(TextContext positive, TextContext negative, Function<TextContext, Tensor> stream) {
        return negative == null
                ? stream.apply(positive)
                : Tensor.concatenate(0, stream.apply(positive), stream.apply(negative));
    }
}
