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
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.StepListener;
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
            return phases.stream().mapToInt(phase -> phase.settings().steps()).sum();
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

    /// @param negative null if the guidance needs none
    /// @return without a picture if there was to be none
    /// @throws StepListener.StoppedException if the listener ends the run
    public Latents denoise(
            Job job, TextContext positive, TextContext negative, StepListener listener, TraceListener trace) {
        AudioShape audio = shape.audio(job.frames(), job.fps());
        try (TensorScope scope = TensorScope.open();
                RandomStream noise = RandomStream.seeded(job.seed())) {
            Streams<Tensor> latents = new Streams<>(null, null);
            Tensor sound = null;
            int done = 0;
            for (int index = 0; index < job.phases().size(); index++) {
                Phase phase = job.phases().get(index);
                Streams<Tensor> initial = initial(job, phase, index, latents);
                Streams<LatentState> states = states(job, phase, audio, initial, noise);
                trace.began(index, states);
                try (TransformerVariants.Use use = variants.with(phase.loras(), fusion)) {
                    Streams<Tensor> tokens = new DenoisingLoop(use.transformer())
                            .run(
                                    phase.settings(),
                                    states,
                                    positive,
                                    negative,
                                    listener.partOf(done, job.steps()),
                                    trace);
                    latents = onGrid(phase, audio, tokens);
                }
                trace.ended(index, latents);
                sound = index == job.audioFrom() ? latents.audio() : sound;
                done += phase.settings().steps();
            }
            return new Latents(latents.video() == null ? null : scope.keep(latents.video()), scope.keep(sound));
        }
    }

    @Override
    public void close() {
        arena.close();
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
            VideoShape grid = shape.video(picture.frames(), picture.height(), picture.width());
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
            VideoShape grid = shape.video(picture.frames(), picture.height(), picture.width());
            video = grid.unpatchify(tokens.video().narrow(1, 0, grid.tokens())).contiguous();
        }
        return new Streams<>(
                video,
                audio.unpatchify(tokens.audio().narrow(1, 0, audio.frames())).contiguous());
    }
}
