package io.zoetrope.bench;

import com.sun.management.OperatingSystemMXBean;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.MappedPages;
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
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Steps of a transformer that may be larger than the memory of the machine.
public final class FullSize {

    /// One step, which is one pass. Of the first one, processor and disk did the text too.
    ///
    /// @param processorSeconds of all threads
    /// @param readBytes        that came from the disk; 0 where untold
    public record Step(double seconds, double processorSeconds, long readBytes) {}

    /// What came out.
    ///
    /// @param fileBytes      of the model
    /// @param diskRate       bytes per second that come from the disk while nothing computes; 0 where untold
    /// @param loadSeconds    until the network is built, which reads hardly any weights
    /// @param textSeconds    for the keys and values of the text in all blocks
    /// @param anonymousBytes [AnonymousPeak] from loading to the last step; 0 where untold
    public record Figures(
            long fileBytes,
            double diskRate,
            double loadSeconds,
            double textSeconds,
            List<Step> steps,
            long anonymousBytes) {}

    private static final String BLOCKS = "model.diffusion_model.transformer_blocks.";
    private static final int MEASURED_BLOCKS = 8;
    private static final double NANOSECONDS = 1e9;

    private FullSize() {}

    /// @param file     of a drawn transformer
    /// @param config   that it was drawn from
    /// @param progress is told each step
    public static Figures measure(
            Path file, RandomModel.Config config, Device device, Workload clip, Consumer<Step> progress)
            throws IOException {
        double diskRate;
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file))) {
            diskRate = diskRate(checkpoint, config.blocks());
        }
        long start = System.nanoTime();
        try (AnonymousPeak peak = new AnonymousPeak();
                Checkpoint checkpoint = Checkpoint.open(List.of(file));
                Denoiser denoiser = Denoiser.load(checkpoint, device, clip.type());
                TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            double loaded = seconds(start);
            TextContext text = new TextContext(
                    random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, config.captionWidth()),
                    random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, config.captionWidth()));
            Steps steps = new Steps(progress);
            long begin = System.nanoTime();
            Latents _ = denoiser.denoise(job(clip), text, null, null, steps, TraceListener.NONE);
            double all = seconds(begin);
            double stepping = steps.done.stream().mapToDouble(Step::seconds).sum();
            return new Figures(Files.size(file), diskRate, loaded, all - stepping, steps.done, peak.bytes());
        }
    }

    /// Takes the steps' figures as they end.
    private static final class Steps implements DenoisingListener {

        private final Consumer<FullSize.Step> progress;
        private final List<FullSize.Step> done = new ArrayList<>();
        private long processorBefore;
        private long readBefore;

        Steps(Consumer<FullSize.Step> progress) {
            this.progress = progress;
        }

        @Override
        public void preparing() {
            processorBefore = processorTime();
            readBefore = readBytes();
        }

        @Override
        public void stepped(DenoisingListener.Step step) {
            long processor = processorTime();
            long read = readBytes();
            var figures = new FullSize.Step(
                    step.duration().toNanos() / NANOSECONDS,
                    (processor - processorBefore) / NANOSECONDS,
                    read - readBefore);
            processorBefore = processor;
            readBefore = read;
            done.add(figures);
            progress.accept(figures);
        }

        private static long processorTime() {
            return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                    .getProcessCpuTime();
        }

        private static long readBytes() {
            try {
                return ProcessStatus.readBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Denoiser.Job job(Workload clip) {
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(clip.steps()),
                new Sampler.Euler(),
                Guidance.NONE,
                GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(clip.frames(), clip.height(), clip.width(), clip.fps());
        var phase = Denoiser.Phase.ofNothing(picture, settings);
        return new Denoiser.Job(clip.frames(), clip.fps(), 1, Noise.STOCK, List.of(phase), null, 0);
    }

    /// Of the last blocks, read alone as they are between computing.
    private static double diskRate(Checkpoint checkpoint, int blocks) throws IOException {
        List<MappedPages> last = IntStream.range(Math.max(0, blocks - MEASURED_BLOCKS), blocks)
                .mapToObj(block -> MappedPages.of(checkpoint, BLOCKS + block + "."))
                .toList();
        last.forEach(MappedPages::load); // what is not in this process is not let go
        last.forEach(MappedPages::letGo);
        long before = ProcessStatus.readBytes();
        long start = System.nanoTime();
        last.forEach(MappedPages::load);
        double rate = (ProcessStatus.readBytes() - before) / seconds(start);
        last.forEach(MappedPages::letGo);
        return rate;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / NANOSECONDS;
    }
}
