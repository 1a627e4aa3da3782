package io.zoetrope.bench;

import io.zoetrope.engine.Decoder;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
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
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Runs the stages of a workload in this process, one at a time.
public final class EngineRunner implements AutoCloseable {

    /// What the last stage took.
    ///
    /// @param seconds    one figure for each evaluation, otherwise one
    /// @param operations that gave a tensor, in one evaluation or in all
    public record Run(List<Double> seconds, long operations) {}

    private static final int TEXT_SLOTS = TextEncoder.SLOTS;

    private final Workload workload;
    private final TensorArena arena;
    private final TextEncoder textEncoder; // null where there is none, as the decoder
    private final Denoiser denoiser;
    private final Decoder decoder;
    private final TextContext context;
    private final Latents latents; // null where nothing is decoded

    private EngineRunner(
            Workload workload, TensorArena arena, TextEncoder textEncoder, Denoiser denoiser, Decoder decoder) {
        this.workload = workload;
        this.arena = arena;
        this.textEncoder = textEncoder;
        this.denoiser = denoiser;
        this.decoder = decoder;
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            this.context = textEncoder == null ? drawn(random) : kept(textEncoder.encode(Workload.PROMPT));
            this.latents = decoder == null ? null : drawnLatents(random);
        }
    }

    /// @param model folder of the model, or the file of a drawn transformer
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if it is not a model for this workload
    public static EngineRunner load(Workload workload, Path model, Device device) {
        TensorArena arena = new TensorArena();
        try {
            if (workload.complete()) {
                Ltx2 engine = arena.own(Ltx2.load(ModelFiles.of(model), device, workload.type()));
                return new EngineRunner(workload, arena, engine.textEncoder(), engine.denoiser(), engine.decoder());
            }
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(model)));
            Denoiser denoiser = arena.own(Denoiser.load(checkpoint, device, workload.type()));
            return new EngineRunner(workload, arena, null, denoiser, null);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// @throws IllegalArgumentException if the workload has no such stage
    public Run run(Stage stage) {
        if (stage != Stage.PASS && !workload.complete()) {
            throw new IllegalArgumentException("%s has no stage %s".formatted(workload.name(), stage.label()));
        }
        return switch (stage) {
            case TEXT -> timed(this::encode);
            case PASS -> passes();
            case PICTURE -> timed(() -> decodePicture(latents));
            case SOUND -> timed(() -> decodeSound(latents));
            case CLIP ->
                timed(() -> {
                    Latents made = denoise(
                            workload.steps(),
                            guidance(),
                            textEncoder.encode(Workload.PROMPT),
                            textEncoder.encode(""),
                            DenoisingListener.NONE);
                    decodePicture(made);
                    decodeSound(made);
                });
        };
    }

    private void encode() {
        TextContext _ = textEncoder.encode(Workload.PROMPT);
        TextContext _ = textEncoder.encode("");
    }

    private Run passes() {
        List<Double> seconds = new ArrayList<>();
        List<Long> operations = new ArrayList<>();
        try (TensorScope _ = TensorScope.open()) {
            Latents _ = denoise(workload.steps(), Guidance.NONE, context, null, step -> {
                seconds.add(step.duration().toNanos() / 1e9);
                operations.add(Tensor.operations());
            });
        }
        return new Run(seconds.subList(1, seconds.size()), operations.get(1) - operations.get(0));
    }

    private Latents denoise(
            int steps, Guidance guidance, TextContext prompt, TextContext opposite, DenoisingListener listener) {
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(steps),
                new Sampler.Euler(),
                guidance,
                GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(workload.frames(), workload.height(), workload.width(), workload.fps());
        var job = new Denoiser.Job(
                workload.frames(),
                workload.fps(),
                1,
                Noise.STOCK,
                List.of(Denoiser.Phase.ofNothing(picture, settings)),
                null,
                0);
        return denoiser.denoise(job, prompt, opposite, null, listener, TraceListener.NONE);
    }

    private Guidance guidance() {
        var stream = new StreamGuidance(workload.guidance(), 0, Set.of(), 1, 0, 0);
        return new Guidance(stream, stream);
    }

    private void decodePicture(Latents made) {
        try {
            decoder.decodePicture(made.video(), null, null, _ -> {});
        } catch (IOException e) {
            throw new IllegalStateException("frames are not kept, yet: " + e.getMessage(), e);
        }
    }

    private void decodeSound(Latents made) {
        decoder.decode(new Latents(null, made.audio()), null);
    }

    private TextContext drawn(RandomStream random) {
        long width = Workload.MIDDLE.captionWidth();
        return kept(new TextContext(
                random.normal(DataType.FLOAT32, 1, TEXT_SLOTS, width),
                random.normal(DataType.FLOAT32, 1, TEXT_SLOTS, width)));
    }

    private Latents drawnLatents(RandomStream random) {
        var video = denoiser.shape().video(workload.frames(), workload.height(), workload.width());
        var audio = denoiser.shape().audio(workload.frames(), workload.fps());
        return new Latents(
                arena.own(random.normal(
                        DataType.FLOAT32, 1, video.channels(), video.frames(), video.height(), video.width())),
                arena.own(random.normal(DataType.FLOAT32, 1, audio.channels(), audio.frames(), audio.bins())));
    }

    private TextContext kept(TextContext context) {
        return new TextContext(arena.own(context.video()), arena.own(context.audio()));
    }

    private static Run timed(Runnable stage) {
        long before = Tensor.operations();
        long start = System.nanoTime();
        try (TensorScope _ = TensorScope.open()) {
            stage.run();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Run(List.of(seconds), Tensor.operations() - before);
    }

    @Override
    public void close() {
        arena.close();
    }
}
