package io.zoetrope.engine;

import io.zoetrope.engine.DenoisingState.Beginning;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.TransformerVariants;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.LoopListener;
import io.zoetrope.engine.sampling.LoopState;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;

/// One job on its way through its phases, from the beginning or from a state.
final class DenoisingRun {

    private final Denoiser.Job job;
    private final TextContext positive;
    private final TextContext negative;
    private final DenoisingListener listener;
    private final TraceListener trace;
    private final TransformerVariants variants;
    private final FusionRule fusion;
    private final ModelShape shape;
    private final AudioShape audio;
    private final Device device;

    DenoisingRun(
            Denoiser.Job job,
            TextContext positive,
            TextContext negative,
            DenoisingListener listener,
            TraceListener trace,
            TransformerVariants variants,
            FusionRule fusion,
            ModelShape shape) {
        this.job = job;
        this.positive = positive;
        this.negative = negative;
        this.listener = listener;
        this.trace = trace;
        this.variants = variants;
        this.fusion = fusion;
        this.shape = shape;
        this.audio = shape.audio(job.frames(), job.fps());
        this.device = variants.base().device();
    }

    /// @param given a state of the job; null for the beginning
    Latents from(DenoisingState given) {
        try (TensorScope scope = TensorScope.open()) {
            DenoisingState state = given == null ? null : given.copied();
            Latents latents = state == null ? begun() : resumed(state);
            return new Latents(
                    latents.video() == null ? null : scope.keep(latents.video()), scope.keep(latents.audio()));
        }
    }

    private Latents begun() {
        try (RandomStream noise = RandomStream.seeded(job.seed())) {
            return phases(0, new Streams<>(null, null), null, null, noise);
        }
    }

    private Latents resumed(DenoisingState state) {
        Beginning beginning = state.beginning();
        try (RandomStream noise = RandomStream.at(beginning.noise())) {
            return phases(
                    state.phase(),
                    beginning.before().map(this::onDevice),
                    onDevice(beginning.sound()),
                    state.loop(),
                    noise);
        }
    }

    /// @param before latents of the phase before; null in the first
    /// @param kept   sound of an earlier phase; null if there is none yet
    /// @param state  to go on from in the first of these phases; null to begin it
    private Latents phases(int first, Streams<Tensor> before, Tensor kept, LoopState state, RandomStream noise) {
        Streams<Tensor> latents = before;
        Tensor sound = kept;
        for (int index = first; index < job.phases().size(); index++) {
            latents = phase(index, latents, sound, index == first ? state : null, noise);
            trace.ended(index, latents);
            sound = index == job.audioFrom() ? latents.audio() : sound;
        }
        return new Latents(latents.video(), sound);
    }

    private Streams<Tensor> phase(int index, Streams<Tensor> before, Tensor sound, LoopState from, RandomStream noise) {
        Denoiser.Phase phase = job.phases().get(index);
        Beginning beginning = new Beginning(noise.position(), before, sound);
        listener.preparing();
        // Noise is drawn for a phase that goes on too, since the next one draws from where this one has stopped.
        Streams<LatentState> states = states(phase, initial(phase, index, before), noise);
        trace.began(index, states);
        if (from != null && from.step() == phase.settings().steps()) {
            return onGrid(phase, from.latents(device));
        }
        try (TransformerVariants.Use use = variants.with(phase.loras(), fusion)) {
            listener.preparing();
            Streams<Tensor> tokens = new DenoisingLoop(use.transformer())
                    .run(phase.settings(), states, positive, negative, from, telling(index, beginning), trace);
            return onGrid(phase, tokens);
        }
    }

    private LoopListener telling(int phase, Beginning beginning) {
        int done = job.stepsBefore(phase);
        int steps = job.steps();
        return (step, sigma, duration, state) -> listener.stepped(new DenoisingListener.Step(
                done + step, steps, sigma, duration, () -> DenoisingState.of(phase, done, beginning, state.get())));
    }

    /// What each stream starts from, on its grid; null for nothing.
    private Streams<Tensor> initial(Denoiser.Phase phase, int index, Streams<Tensor> before) {
        Tensor video = phase.given().video().initial();
        Tensor sound = phase.given().audio().initial();
        if (index > 0 && phase.picture() != null && video == null) {
            video = job.upsampler().apply(before.video());
        }
        return new Streams<>(video, sound == null ? before.audio() : sound);
    }

    /// Everything given first, then noise: the picture's before the sound's.
    private Streams<LatentState> states(Denoiser.Phase phase, Streams<Tensor> initial, RandomStream stream) {
        LatentState video = null;
        Denoiser.Picture picture = phase.picture();
        if (picture != null) {
            VideoShape grid = grid(picture);
            video = silent(
                    initial.video() == null ? null : grid.patchify(initial.video()),
                    Positions.video(grid, picture.fps(), shape.scale()),
                    grid.channels());
            video = given(video, phase.given().video());
            Tensor noise = job.noise().video(stream, grid, phase.given().video().appended());
            video = Noise.mixed(video, noise, phase.noiseScale());
        }
        LatentState sound = silent(
                initial.audio() == null ? null : audio.patchify(initial.audio()),
                Positions.audio(audio, shape.scale()),
                audio.width());
        sound = given(sound, phase.given().audio());
        return new Streams<>(video, Noise.mixed(sound, job.noise().audio(stream, audio), phase.noiseScale()));
    }

    private LatentState silent(Tensor initial, Tensor positions, int channels) {
        return Noise.silent(
                initial, positions, channels, device, variants.base().type());
    }

    private static LatentState given(LatentState state, Denoiser.Given given) {
        int targetTokens = state.tokens();
        LatentState result = state;
        for (Conditioning condition : given.conditions()) {
            result = condition.applyTo(result, targetTokens);
        }
        return given.frozen() ? result.asFrozen() : result;
    }

    /// The target's tokens as latents; what was appended is dropped.
    private Streams<Tensor> onGrid(Denoiser.Phase phase, Streams<Tensor> tokens) {
        Tensor video = null;
        if (phase.picture() != null) {
            VideoShape grid = grid(phase.picture());
            video = grid.unpatchify(tokens.video().narrow(1, 0, grid.tokens())).contiguous();
        }
        return new Streams<>(
                video,
                audio.unpatchify(tokens.audio().narrow(1, 0, audio.frames())).contiguous());
    }

    private VideoShape grid(Denoiser.Picture picture) {
        return shape.video(picture.frames(), picture.height(), picture.width());
    }

    private Tensor onDevice(Tensor tensor) {
        return tensor == null ? null : tensor.to(device);
    }
}
