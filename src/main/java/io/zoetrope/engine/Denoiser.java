package io.zoetrope.engine;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentState;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
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

/// Second stage: text contexts and a seed to latents.
public final class Denoiser implements AutoCloseable {

    /// What is to be denoised.
    ///
    /// @param frames pixel frames, 8k + 1
    /// @param height pixels, a multiple of 32
    /// @param width  pixels, a multiple of 32
    /// @param fps    Hz
    /// @param seed   of all noise, 64 bits
    public record Job(
            int frames, int height, int width, double fps, long seed, Noise noise, DenoisingLoop.Settings settings) {}

    private static final String PREFIX = "model.diffusion_model";

    private final TensorArena arena;
    private final Transformer transformer;
    private final ModelShape shape;

    private Denoiser(TensorArena arena, Transformer transformer, ModelShape shape) {
        this.arena = arena;
        this.transformer = transformer;
        this.shape = shape;
    }

    /// @param checkpoint must stay open as long as the denoiser
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static Denoiser load(Checkpoint checkpoint, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            Weights weights = Weights.of(checkpoint, device, type, arena).under(PREFIX);
            TransformerConfig config = TransformerConfig.of(
                    ConfigSection.of("transformer", checkpoint.config().path("transformer")));
            Transformer transformer = Transformer.load(config, weights);
            weights.finish("transformer");
            return new Denoiser(arena, transformer, ModelShape.of(checkpoint));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    public ModelShape shape() {
        return shape;
    }

    /// @param negative null if the guidance needs none
    /// @throws StepListener.StoppedException if the listener ends the run
    public Latents denoise(
            Job job, TextContext positive, TextContext negative, StepListener listener, TraceListener trace) {
        VideoShape video = shape.video(job.frames(), job.height(), job.width());
        AudioShape audio = shape.audio(job.frames(), job.fps());
        try (TensorScope scope = TensorScope.open();
                RandomStream stream = RandomStream.seeded(job.seed())) {
            LatentState videoState =
                    state(job.noise().video(stream, video), Positions.video(video, job.fps(), shape.scale()));
            LatentState audioState = state(job.noise().audio(stream, audio), Positions.audio(audio, shape.scale()));
            Streams<Tensor> clean = new DenoisingLoop(transformer)
                    .run(job.settings(), new Streams<>(videoState, audioState), positive, negative, listener, trace);
            return new Latents(
                    scope.keep(video.unpatchify(clean.video()).contiguous()),
                    scope.keep(audio.unpatchify(clean.audio()).contiguous()));
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private LatentState state(Tensor noise, Tensor positions) {
        return Noise.pure(noise, positions, transformer.device(), transformer.type());
    }
}
