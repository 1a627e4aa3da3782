package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.conditioning.Conditioning;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.lora.TransformerVariants;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.LoopState;
import io.zoetrope.engine.sampling.LoopState.Form;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Streams;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.CopyLane;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.transformer.StreamedTransformer;
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
    /// @param streamed     whether the large layers of the blocks stay on the host and come to a CUDA device a
    ///                     block at a time
    public record WeightOptions(WeightStorage storage, FusionRule fusion, long variantBytes, boolean streamed) {

        /// All of them on the device.
        public WeightOptions(WeightStorage storage, FusionRule fusion, long variantBytes) {
            this(storage, fusion, variantBytes, false);
        }

        /// All weights in `type`; LoRAs are fused anew by each phase that has some.
        public static WeightOptions of(DataType type) {
            return of(type, WeightStorage.COMPUTE_TYPE);
        }

        /// The large layers in `storage`, all else in `type`.
        public static WeightOptions of(DataType type, WeightStorage storage) {
            return new WeightOptions(storage, FusionRule.of(type), 0);
        }

        /// The same, on the host or on the device.
        public WeightOptions streamed(boolean wanted) {
            return new WeightOptions(storage, fusion, variantBytes, wanted);
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
            boolean streamed = options.streamed() && !device.isCpu();
            Weights weights = Weights.of(checkpoint, streamed ? Device.CPU : device, type, options.storage(), arena)
                    .under(PREFIX);
            TransformerConfig config = TransformerConfig.of(
                    ConfigSection.of("transformer", checkpoint.config().path("transformer")));
            Transformer transformer = Transformer.load(config, weights);
            weights.finish("transformer");
            TransformerVariants.Builder builder = (own, _) -> Transformer.load(config, own);
            if (streamed) {
                Weights onDevice = Weights.of(checkpoint, device, type, options.storage(), arena)
                        .under(PREFIX);
                builder = (own, owner) -> StreamedTransformer.load(
                        config, own, onDevice, CopyLane.to(device), StreamedTransformer.SLOTS, owner);
                transformer = builder.build(weights, arena);
            }
            TransformerVariants variants =
                    arena.own(TransformerVariants.of(transformer, weights, options.variantBytes(), builder));
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
        return new DenoisingRun(job, positive, negative, listener, trace, variants, fusion, shape).from(from);
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

    @Override
    public void close() {
        arena.close();
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
}
