package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.lora.TransformerVariants;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.LoopListener;
import io.zoetrope.engine.sampling.LoopState;
import io.zoetrope.engine.sampling.LoopState.Form;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.transformer.Transformer;
import io.zoetrope.engine.transformer.TransformerConfig;
import java.util.List;
import java.util.function.UnaryOperator;

/// Second stage: text contexts, given latents and a seed to latents.
public final class Denoiser implements AutoCloseable {

    /// What is to be denoised.
    ///
    /// @param frames    pixel frames of the final clip; with `fps` they give the length of the sound
    /// @param fps       of the final clip, Hz
    /// @param seed      of all noise, 64 bits
    /// @param phases    runs of the loop, each starting from the one before
    /// @param upsampler from the latent of one phase's picture to the next one's, `[1, C, F, H, W]`,
    ///                  normalised; null if there is one phase
    /// @param audioFrom the phase whose sound is kept, from 0
    public record Job(
            int frames,
            double fps,
            long seed,
            Noise noise,
            List<Phase> phases,
            UnaryOperator<Tensor> upsampler,
            int audioFrom) {

        public Job {
            phases = List.copyOf(phases);
        }

        /// Steps of all phases.
        public int steps() {
            return stepsBefore(phases.size());
        }

        int stepsBefore(int phase) {
            return phases.stream()
                    .limit(phase)
                    .mapToInt(one -> one.settings().steps())
                    .sum();
        }
    }

    /// One run of the loop.
    ///
    /// @param picture    null for sound alone
    /// @param noiseScale noise level that the initial latents are brought to, 1 for pure noise
    /// @param given      of each stream
    /// @param loras      fused into the transformer for this phase, in this order
    public record Phase(
            Picture picture,
            DenoisingLoop.Settings settings,
            double noiseScale,
            Streams<Given> given,
            List<LoraStrength> loras) {

        public Phase {
            loras = List.copyOf(loras);
        }

        /// A run of the transformer as it is.
        public Phase(Picture picture, DenoisingLoop.Settings settings, double noiseScale, Streams<Given> given) {
            this(picture, settings, noiseScale, given, List.of());
        }

        public Phase withLoras(List<LoraStrength> loras) {
            return new Phase(picture, settings, noiseScale, given, loras);
        }

        /// A run in which nothing is given.
        public static Phase ofNothing(Picture picture, DenoisingLoop.Settings settings) {
            return new Phase(picture, settings, 1, new Streams<>(Given.NOTHING, Given.NOTHING));
        }
    }

    /// The size of a phase's picture.
    ///
    /// @param frames pixel frames, 8k + 1
    /// @param height pixels, a multiple of 32
    /// @param width  pixels, a multiple of 32
    /// @param fps    Hz
    public record Picture(int frames, int height, int width, double fps) {}

    /// What is given of a stream.
    ///
    /// @param initial    latent to start from, on its grid; null for the one of the phase before, or for none
    /// @param conditions in order
    /// @param frozen     whether the initial latent is given as a whole, to steer the other stream
    public record Given(Tensor initial, List<Conditioning> conditions, boolean frozen) {

        public static final Given NOTHING = new Given(null, List.of(), false);

        public Given {
            conditions = List.copyOf(conditions);
        }

        int appended() {
            return conditions.stream().mapToInt(Conditioning::appended).sum();
        }
    }

    /// How the transformer's weights are kept and changed.
    ///
    /// @param storage      of the large layers
    /// @param fusion       how LoRAs are added
    /// @param variantBytes of weights with LoRAs that may stay while no phase uses them; 0 keeps none
    public record WeightOptions(WeightStorage storage, FusionRule fusion, long variantBytes) {

        /// All weights in `type`; LoRAs are fused anew by each phase that has some.
        public static WeightOptions of(DataType type) {
            return of(type, WeightStorage.COMPUTE_TYPE);
        }

        /// The large layers in `storage`, all else in `type`.
        public static WeightOptions of(DataType type, WeightStorage storage) {
            return new WeightOptions(storage, FusionRule.of(type), 0);
        }
    }

    private static final String PREFIX = "model.diffusion_model";

    private final TensorArena arena;
    private final TransformerVariants variants;
    private final FusionRule fusion;
    private final ModelShape shape;

    private Denoiser(TensorArena arena, TransformerVariants variants, FusionRule fusion, ModelShape shape) {
        this.arena = arena;
        this.variants = variants;
        this.fusion = fusion;
        this.shape = shape;
    }

    /// @param checkpoint must stay open as long as the denoiser
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Denoiser load(Checkpoint checkpoint, Device device, DataType type) {
        return load(checkpoint, device, type, WeightOptions.of(type));
    }

    /// @param checkpoint must stay open as long as the denoiser
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Denoiser load(Checkpoint checkpoint, Device device, DataType type, WeightOptions options) {
        TensorArena arena = new TensorArena();
        try {
            Weights weights = Weights.of(checkpoint, device, type, options.storage(), arena)
                    .under(PREFIX);
            TransformerConfig config = TransformerConfig.of(
                    ConfigSection.of("transformer", checkpoint.config().path("transformer")));
            Transformer transformer = Transformer.load(config, weights);
            weights.finish("transformer");
            TransformerVariants variants =
                    arena.own(TransformerVariants.of(transformer, weights, options.variantBytes()));
            return new Denoiser(arena, variants, options.fusion(), ModelShape.of(checkpoint));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public ModelShape shape() {
        return shape;
    }

    /// Denoises from the beginning.
    ///
    /// @param negative null if the guidance needs none
    /// @return without a picture if there was to be none
    public Latents denoise(
            Job job, TextContext positive, TextContext negative, DenoisingListener listener, TraceListener trace) {
        return denoise(job, positive, negative, null, listener, trace);
    }

    /// Denoises from a state on. On the same kind of device the result is that of a run that was never interrupted,
    /// bit for bit.
    ///
    /// @param negative null if the guidance needs none
    /// @param from     a state of the same job, which is copied; null for the beginning
    /// @return without a picture if there was to be none
    /// @throws IllegalArgumentException if the state is not this job's, before anything is computed
    public Latents denoise(
            Job job,
            TextContext positive,
            TextContext negative,
            DenoisingState from,
            DenoisingListener listener,
            TraceListener trace) {
        if (from != null) {
            requireFit(job, from);
        }
        try (TensorScope scope = TensorScope.open()) {
            DenoisingState state = from == null ? null : from.copied();
            Latents latents = run(job, positive, negative, state, listener, trace);
            return new Latents(
                    latents.video() == null ? null : scope.keep(latents.video()), scope.keep(latents.audio()));
        }
    }

    /// Whether a state can be gone on from.
    ///
    /// @throws IllegalArgumentException naming everything that is not as this job needs it
    public void requireFit(Job job, DenoisingState state) {
        if (state.phase() >= job.phases().size()
                || state.phaseStep()
                        > job.phases().get(state.phase()).settings().steps()
                || state.step() != job.stepsBefore(state.phase()) + state.phaseStep()) {
            throw new IllegalArgumentException("a state after step %d of phase %d, %d in all; the job has steps %s"
                    .formatted(
                            state.phaseStep(),
                            state.phase(),
                            state.step(),
                            job.phases().stream()
                                    .map(phase -> phase.settings().steps())
                                    .toList()));
        }
        Phase phase = job.phases().get(state.phase());
        DataType type = variants.base().type();
        AudioShape audio = shape.audio(job.frames(), job.fps());
        Streams<Form> tokens = new Streams<>(
                phase.picture() == null
                        ? null
                        : tokens(
                                type,
                                grid(phase.picture()).tokens()
                                        + phase.given().video().appended(),
                                grid(phase.picture()).channels()),
                tokens(type, audio.frames() + phase.given().audio().appended(), audio.width()));
        state.requireFit(
                LoopState.forms(phase.settings(), state.phaseStep(), tokens),
                state.phase() == 0
                        ? new Streams<>(null, null)
                        : forms(type, job.phases().get(state.phase() - 1), audio),
                state.phase() > job.audioFrom() ? grid(type, audio) : null);
    }

    private static Form tokens(DataType type, long tokens, long width) {
        return Form.of(type, 1, tokens, width);
    }

    private Streams<Form> forms(DataType type, Phase phase, AudioShape audio) {
        Picture picture = phase.picture();
        return new Streams<>(picture == null ? null : grid(type, grid(picture)), grid(type, audio));
    }

    private static Form grid(DataType type, VideoShape video) {
        return Form.of(type, 1, video.channels(), video.frames(), video.height(), video.width());
    }

    private static Form grid(DataType type, AudioShape audio) {
        return Form.of(type, 1, audio.channels(), audio.frames(), audio.bins());
    }

    private VideoShape grid(Picture picture) {
        return shape.video(picture.frames(), picture.height(), picture.width());
    }

    private Tensor onDevice(Tensor tensor) {
        return tensor == null ? null : tensor.to(variants.base().device());
    }

    private static LoopListener telling(
            DenoisingListener listener, Job job, int phase, int done, DenoisingState.Beginning beginning) {
        int steps = job.steps();
        return (step, sigma, duration, state) -> listener.stepped(new DenoisingListener.Step(
                done + step, steps, sigma, duration, () -> DenoisingState.of(phase, done, beginning, state.get())));
    }

    @Override
    public void close() {
        arena.close();
    }

    /// @param from whose tensors live as long as the latents; null for the beginning
    private Latents run(
            Job job,
            TextContext positive,
            TextContext negative,
            DenoisingState from,
            DenoisingListener listener,
            TraceListener trace) {
        AudioShape audio = shape.audio(job.frames(), job.fps());
        try (RandomStream noise = from == null
                ? RandomStream.seeded(job.seed())
                : RandomStream.at(from.beginning().noise())) {
            int first = from == null ? 0 : from.phase();
            Streams<Tensor> latents = from == null
                    ? new Streams<>(null, null)
                    : from.beginning().before().map(this::onDevice);
            Tensor sound = from == null ? null : onDevice(from.beginning().sound());
            int done = job.stepsBefore(first);
            for (int index = first; index < job.phases().size(); index++) {
                Phase phase = job.phases().get(index);
                var beginning = new DenoisingState.Beginning(noise.position(), latents, sound);
                Streams<Tensor> initial = initial(job, phase, index, latents);
                Streams<LatentState> states = states(job, phase, audio, initial, noise);
                trace.began(index, states);
                LoopState state = from != null && index == first ? from.loop() : null;
                try (TransformerVariants.Use use = variants.with(phase.loras(), fusion)) {
                    Streams<Tensor> tokens = new DenoisingLoop(use.transformer())
                            .run(
                                    phase.settings(),
                                    states,
                                    positive,
                                    negative,
                                    state,
                                    telling(listener, job, index, done, beginning),
                                    trace);
                    latents = onGrid(phase, audio, tokens);
                }
                trace.ended(index, latents);
                sound = index == job.audioFrom() ? latents.audio() : sound;
                done += phase.settings().steps();
            }
            return new Latents(latents.video(), sound);
        }
    }

    /// What each stream starts from, on its grid; null for nothing.
    private static Streams<Tensor> initial(Job job, Phase phase, int index, Streams<Tensor> before) {
        Tensor video = phase.given().video().initial();
        Tensor audio = phase.given().audio().initial();
        if (index > 0 && phase.picture() != null && video == null) {
            video = job.upsampler().apply(before.video());
        }
        return new Streams<>(video, audio == null ? before.audio() : audio);
    }

    /// Everything given first, then noise: the picture's before the sound's.
    private Streams<LatentState> states(
            Job job, Phase phase, AudioShape audio, Streams<Tensor> initial, RandomStream stream) {
        LatentState video = null;
        Picture picture = phase.picture();
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
                initial,
                positions,
                channels,
                variants.base().device(),
                variants.base().type());
    }

    private static LatentState given(LatentState state, Given given) {
        int targetTokens = state.tokens();
        LatentState result = state;
        for (Conditioning condition : given.conditions()) {
            result = condition.applyTo(result, targetTokens);
        }
        return given.frozen() ? result.asFrozen() : result;
    }

    /// The target's tokens as latents; what was appended is dropped.
    private Streams<Tensor> onGrid(Phase phase, AudioShape audio, Streams<Tensor> tokens) {
        Tensor video = null;
        Picture picture = phase.picture();
        if (picture != null) {
            VideoShape grid = grid(picture);
            video = grid.unpatchify(tokens.video().narrow(1, 0, grid.tokens())).contiguous();
        }
        return new Streams<>(
                video,
                audio.unpatchify(tokens.audio().narrow(1, 0, audio.frames())).contiguous());
    }
}
