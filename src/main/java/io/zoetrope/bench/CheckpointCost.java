package io.zoetrope.bench;

import com.sun.management.OperatingSystemMXBean;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.bench.Alternation.Spent;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.DenoisingState;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.CheckpointWriter;
import io.zoetrope.worker.ledger.JobArtifacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// What it costs to keep the state after every step of denoising in a folder: the same run without and with it, by
/// turns. The checkpoints are written by the worker's own writer, each while the next step computes.
///
/// The transformer is drawn ([RandomModel]); one unguided pass makes a step, the least work for a state of this size.
public final class CheckpointCost implements AutoCloseable {

    /// What is denoised.
    ///
    /// @param frames pixel frames, 8k + 1
    /// @param height pixels, a multiple of 32
    /// @param width  pixels, a multiple of 32
    public record Clip(int frames, int height, int width, double fps, int steps) {

        /// 6,144 tokens of picture: a state of 3 MB.
        public static final Clip FIVE_SECONDS = new Clip(121, 512, 768, 24, 8);
    }

    /// What came out.
    ///
    /// @param runs        whole runs, until the last checkpoint is written
    /// @param stepSeconds median of all steps without checkpoints
    /// @param stateBytes  of one checkpoint's tensors
    /// @param kept        states given to the writer, in all runs
    /// @param stateWait   median time that the run waits for a state and for the writer to take it, seconds
    public record Figures(Alternation runs, double stepSeconds, long stateBytes, int kept, double stateWait) {}

    /// Takes 0.2 s or more for a step of [Clip#FIVE_SECONDS] on two cores.
    public static final RandomModel.Config MODEL = new RandomModel.Config(20261125, 2, 32, 16, 3, 64);

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final int TEXT_SLOTS = 128;
    private static final JobId JOB = new JobId("bench-checkpoint");
    private static final String PLAN = "0".repeat(64);

    private final Checkpoint checkpoint;
    private final Denoiser denoiser;
    private final FolderStore store;
    private final JobArtifacts artifacts;
    private final ExecutorService background = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("checkpoints").daemon().factory());
    private final List<Double> steps = new ArrayList<>();
    private final List<Double> waits = new ArrayList<>();
    private long stateBytes;

    private CheckpointCost(Checkpoint checkpoint, Denoiser denoiser, FolderStore store) {
        this.checkpoint = checkpoint;
        this.denoiser = denoiser;
        this.store = store;
        this.artifacts = new JobArtifacts(
                store,
                ArtifactUrls.below(URI.create("http://localhost/")),
                Duration.ofSeconds(10),
                _ -> {}); // nobody watches this store
    }

    /// @param folder for the model and the checkpoints; what disk it is on is what is measured
    public static CheckpointCost prepare(Path folder, RandomModel.Config model, Device device) throws IOException {
        Path file = folder.resolve("drawn.safetensors");
        RandomModel.write(file, model);
        Checkpoint checkpoint = Checkpoint.open(List.of(file));
        try {
            Denoiser denoiser = Denoiser.load(checkpoint, device, DataType.FLOAT32);
            return new CheckpointCost(checkpoint, denoiser, FolderStore.open(folder.resolve("artifacts")));
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /// @param pairs of runs that count
    public Figures measure(Clip clip, int pairs) {
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            int captionWidth = MODEL.captionWidth();
            TextContext text = new TextContext(
                    random.normal(DataType.FLOAT32, 1, TEXT_SLOTS, captionWidth),
                    random.normal(DataType.FLOAT32, 1, TEXT_SLOTS, captionWidth));
            Denoiser.Job job = job(clip);
            Alternation runs = Alternation.measure(pairs, () -> without(job, text), () -> with(job, text));
            int counted = pairs * clip.steps();
            return new Figures(
                    runs,
                    Alternation.median(steps.subList(steps.size() - counted, steps.size())),
                    stateBytes,
                    waits.size(),
                    Alternation.median(waits));
        }
    }

    private static Denoiser.Job job(Clip clip) {
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(clip.steps()),
                new Sampler.Euler(),
                Guidance.NONE,
                GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(clip.frames(), clip.height(), clip.width(), clip.fps());
        return new Denoiser.Job(
                clip.frames(),
                clip.fps(),
                1,
                Noise.STOCK,
                List.of(Denoiser.Phase.ofNothing(picture, settings)),
                null,
                0);
    }

    private Spent without(Denoiser.Job job, TextContext text) {
        return spent(() -> denoise(job, text, step -> steps.add(step.duration().toNanos() / 1e9)));
    }

    private Spent with(Denoiser.Job job, TextContext text) {
        return spent(() -> {
            try (CheckpointWriter writer = new CheckpointWriter(artifacts, JOB, PLAN, Duration.ZERO, background)) {
                denoise(job, text, step -> {
                    if (!step.isLast() && writer.isDue()) { // as the stage does
                        keep(step.state(), writer);
                    }
                });
            }
        });
    }

    private void keep(Supplier<DenoisingState> state, CheckpointWriter writer) {
        long asked = System.nanoTime();
        DenoisingState kept = state.get();
        writer.keep(kept);
        waits.add((System.nanoTime() - asked) / 1e9);
        stateBytes = kept.tensors().values().stream().mapToLong(Tensor::bytes).sum();
    }

    private void denoise(Denoiser.Job job, TextContext text, DenoisingListener listener) {
        try (TensorScope _ = TensorScope.open()) {
            Latents _ = denoiser.denoise(job, text, null, null, listener, TraceListener.NONE);
        }
    }

    private static Spent spent(Runnable run) {
        long processor = PROCESS.getProcessCpuTime();
        long clock = System.nanoTime();
        run.run();
        return new Spent((System.nanoTime() - clock) / 1e9, (PROCESS.getProcessCpuTime() - processor) / 1e9);
    }

    @Override
    public void close() {
        background.shutdown();
        store.close();
        denoiser.close();
        checkpoint.close();
    }
}
