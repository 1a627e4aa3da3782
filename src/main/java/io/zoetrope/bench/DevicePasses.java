package io.zoetrope.bench;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.AttentionKernel;
import io.zoetrope.engine.tensor.AttentionPreference;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.engine.transformer.PassKind;
import io.zoetrope.engine.transformer.RecordedPasses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// Passes of a drawn transformer on one device, by the ways in which it may compute them.
public final class DevicePasses implements AutoCloseable {

    /// A way to compute.
    ///
    /// @param recorded whether passes are recorded and replayed
    public record Way(boolean recorded, AttentionPreference attention) {

        @Override
        public String toString() {
            return "%s, attention %s".formatted(recorded ? "recorded" : "eager", attention.label());
        }
    }

    /// What came out.
    ///
    /// @param seconds    of each step after the second, which is one pass
    /// @param operations that gave a tensor in the last step; few where it was replayed
    /// @param peakBytes  most that tensors had on the device; 0 for the CPU
    /// @param kernels    attentions by the kernel that computed them
    /// @param passes     by kind
    public record Figures(
            List<Double> seconds,
            long operations,
            long peakBytes,
            Map<String, Long> kernels,
            Map<String, Long> passes) {

        public double median() {
            return Alternation.median(seconds);
        }

        public double least() {
            return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }
    }

    /// Steps that do not count: the first makes what is made once, the second records.
    public static final int WARM_UP = 2;

    private static final double NANOSECONDS = 1e9;

    private final TensorArena arena;
    private final Device device;
    private final Denoiser denoiser;
    private final TextContext text;

    private DevicePasses(TensorArena arena, Device device, Denoiser denoiser, TextContext text) {
        this.arena = arena;
        this.device = device;
        this.denoiser = denoiser;
        this.text = text;
    }

    /// @param file         of a drawn transformer
    /// @param captionWidth of its text
    /// @param type         in which it computes
    public static DevicePasses load(
            Path file, int captionWidth, Device device, DataType type, Denoiser.WeightOptions weights) {
        TensorArena arena = new TensorArena();
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(file)));
            Denoiser denoiser = arena.own(Denoiser.load(checkpoint, device, type, weights));
            return new DevicePasses(
                    arena,
                    device,
                    denoiser,
                    new TextContext(
                            arena.own(random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, captionWidth)),
                            arena.own(random.normal(DataType.FLOAT32, 1, TextEncoder.SLOTS, captionWidth))));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// Of a model that is loaded, and stays so.
    ///
    /// @param text what its text encoder makes of a prompt
    static DevicePasses of(Denoiser denoiser, Supplier<TextContext> text, Device device) {
        TensorArena arena = new TensorArena();
        try (TensorScope _ = TensorScope.open()) {
            TextContext made = text.get();
            return new DevicePasses(
                    arena, device, denoiser, new TextContext(arena.own(made.video()), arena.own(made.audio())));
        }
    }

    /// @param steps more than [#WARM_UP]
    public Figures measure(ClipSize size, int steps, Way way) {
        way.attention().apply(device);
        RecordedPasses.want(way.recorded());
        try (TensorScope _ = TensorScope.open()) {
            Map<String, Long> kernels =
                    counts(AttentionKernel.values(), AttentionKernel::label, AttentionKernel::calls);
            Map<String, Long> passes = counts(PassKind.values(), PassKind::label, PassKind::passes);
            device.forgetPeakMemory();
            Steps done = new Steps();
            Latents _ = denoiser.denoise(job(size, steps), text, null, done, TraceListener.NONE);
            return new Figures(
                    List.copyOf(done.seconds.subList(WARM_UP, steps)),
                    done.operations.get(steps - 1) - done.operations.get(steps - 2),
                    device.peakMemory(),
                    since(kernels, counts(AttentionKernel.values(), AttentionKernel::label, AttentionKernel::calls)),
                    since(passes, counts(PassKind.values(), PassKind::label, PassKind::passes)));
        } finally {
            RecordedPasses.want(false);
            AttentionPreference.AUTO.apply(device);
        }
    }

    private static final class Steps implements DenoisingListener {

        private final List<Double> seconds = new ArrayList<>();
        private final List<Long> operations = new ArrayList<>();

        @Override
        public void stepped(Step step) {
            seconds.add(step.duration().toNanos() / NANOSECONDS);
            operations.add(Tensor.operations());
        }
    }

    private static Denoiser.Job job(ClipSize size, int steps) {
        var settings = new DenoisingLoop.Settings(
                SigmaSchedule.Shifted.STOCK.sigmas(steps),
                new Sampler.Euler(),
                Guidance.NONE,
                GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(size.frames(), size.height(), size.width(), ClipSize.FPS);
        var phase = Denoiser.Phase.ofNothing(picture, settings);
        return new Denoiser.Job(size.frames(), ClipSize.FPS, 1, Noise.STOCK, List.of(phase), null, 0);
    }

    private static <K> Map<String, Long> counts(K[] kinds, Function<K, String> label, ToLongFunction<K> count) {
        Map<String, Long> counts = new TreeMap<>();
        for (K kind : kinds) {
            counts.put(label.apply(kind), count.applyAsLong(kind));
        }
        return counts;
    }

    /// What was added to counts, without those that stood still.
    private static Map<String, Long> since(Map<String, Long> before, Map<String, Long> after) {
        Map<String, Long> added = new TreeMap<>();
        after.forEach((name, count) -> added.put(name, count - before.get(name)));
        added.values().removeIf(count -> count == 0);
        return added;
    }

    @Override
    public void close() {
        arena.close();
        device.returnMemory();
    }
}
