package io.zoetrope.bench;

import io.zoetrope.engine.Denoiser;
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
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Steps of a transformer that may be larger than the memory of the machine. Its weights stay in the mapped file, and
/// each block is read while the one before it computes.
public final class FullSize {

    /// What came out.
    ///
    /// @param fileBytes      of the model
    /// @param loadSeconds    until the network is built, which reads hardly any weights
    /// @param textSeconds    for the keys and values of the text in all blocks, and the first step
    /// @param stepSeconds    of the steps after the first one
    /// @param anonymousBytes most memory that was not the file's, at the end of any step; 0 where untold
    /// @param readRate       bytes per second, of reading the file from its beginning without computing
    public record Figures(
            long fileBytes,
            double loadSeconds,
            double textSeconds,
            List<Double> stepSeconds,
            long anonymousBytes,
            double readRate) {}

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ANONYMOUS = "RssAnon:";
    private static final long KIBIBYTE = 1024;
    private static final int PART = 8 << 20;
    private static final long READ = 4L << 30;

    private FullSize() {}

    /// @param file     of a drawn transformer
    /// @param config   that it was drawn from
    /// @param steps    at least 2
    /// @param progress is told after each step
    public static Figures measure(Path file, RandomModel.Config config, Workload clip, int steps, IntConsumer progress)
            throws IOException {
        double readRate = readRate(file);
        long start = System.nanoTime();
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file));
                Denoiser denoiser = Denoiser.load(checkpoint, Device.CPU, clip.type());
                TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            double loaded = seconds(start);
            TextContext text = new TextContext(
                    random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, config.captionWidth()),
                    random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, config.captionWidth()));
            List<Double> durations = new ArrayList<>();
            long[] most = {0};
            double[] first = {0};
            long begin = System.nanoTime();
            Latents _ = denoiser.denoise(
                    job(clip, steps),
                    text,
                    null,
                    null,
                    step -> {
                        if (step.step() == 1) {
                            first[0] = seconds(begin);
                        } else {
                            durations.add(step.duration().toNanos() / 1e9);
                        }
                        most[0] = Math.max(most[0], anonymousBytes());
                        progress.accept(step.step());
                    },
                    TraceListener.NONE);
            return new Figures(Files.size(file), loaded, first[0], durations, most[0], readRate);
        }
    }

    private static Denoiser.Job job(Workload clip, int steps) {
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(steps),
                new Sampler.Euler(),
                Guidance.NONE,
                GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(clip.frames(), clip.height(), clip.width(), clip.fps());
        var phase = Denoiser.Phase.ofNothing(picture, settings);
        return new Denoiser.Job(clip.frames(), clip.fps(), 1, Noise.STOCK, List.of(phase), null, 0);
    }

    /// Of a part in the middle of the file: what the disk gives, or memory where it holds the part already.
    private static double readRate(Path file) throws IOException {
        long size = Files.size(file);
        long wanted = Math.min(size, READ);
        byte[] part = new byte[PART];
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position((size - wanted) / 2);
            InputStream stream = Channels.newInputStream(channel);
            for (long read = 0; read < wanted; ) {
                int count = stream.read(part);
                if (count < 0) {
                    break;
                }
                read += count;
            }
        }
        return wanted / seconds(start);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static long anonymousBytes() {
        try {
            return Files.exists(STATUS)
                    ? Files.readAllLines(STATUS).stream()
                            .filter(line -> line.startsWith(ANONYMOUS))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                            .sum()
                    : 0;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
