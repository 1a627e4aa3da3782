package io.zoetrope.bench;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.sampling.DenoisingLoop;
import io.zoetrope.engine.sampling.Guidance;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.Noise;
import io.zoetrope.engine.sampling.Sampler;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;

/// A whole clip of a distilled model: one phase, eight steps, no guidance; nothing is written.
public final class DeviceClip implements AutoCloseable {

    /// Seconds of each part of making a clip.
    ///
    /// @param text      prompt to context
    /// @param denoise   context to latents
    /// @param picture   latents to frames in the host's memory
    /// @param sound     latents to samples
    /// @param peakBytes most that tensors had on the device; 0 for the CPU
    public record Figures(double text, double denoise, double picture, double sound, long peakBytes) {

        public double all() {
            return text + denoise + picture + sound;
        }
    }

    private static final double NANOSECONDS = 1e9;

    private final Ltx2 engine;
    private final Device device;
    private double seconds; // of what was done last

    private DeviceClip(Ltx2 engine, Device device) {
        this.engine = engine;
        this.device = device;
    }

    /// @param model folder of a model with all networks
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if it is none
    public static DeviceClip load(Path model, Device device, DataType type, Denoiser.WeightOptions weights) {
        return new DeviceClip(
                Ltx2.load(ModelFiles.of(model), device, type, weights, EnumSet.allOf(Ltx2.Part.class)), device);
    }

    /// Passes of this model; valid as long as it is.
    public DevicePasses passes() {
        return DevicePasses.of(engine.denoiser(), () -> engine.textEncoder().encode(Workload.PROMPT), device);
    }

    public Figures measure(ClipSize size) {
        device.forgetPeakMemory();
        try (TensorScope _ = TensorScope.open()) {
            TextContext text = timed(() -> engine.textEncoder().encode(Workload.PROMPT));
            double encoding = seconds;
            Latents latents = timed(
                    () -> engine.denoiser().denoise(job(size), text, null, DenoisingListener.NONE, TraceListener.NONE));
            double denoising = seconds;
            boolean _ = timed(() -> decodePicture(latents));
            double picture = seconds;
            var _ = timed(() -> engine.decoder().decode(new Latents(null, latents.audio()), null));
            return new Figures(encoding, denoising, picture, seconds, device.peakMemory());
        }
    }

    private boolean decodePicture(Latents latents) {
        try {
            engine.decoder().decodePicture(latents.video(), null, null, _ -> {});
            return true;
        } catch (IOException e) {
            throw new IllegalStateException("frames are not kept, yet: " + e.getMessage(), e);
        }
    }

    private <T> T timed(Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        device.finish();
        seconds = (System.nanoTime() - start) / NANOSECONDS;
        return result;
    }

    private static Denoiser.Job job(ClipSize size) {
        float[] sigmas = SigmaSchedule.Fixed.DISTILLED.sigmas(
                SigmaSchedule.Fixed.DISTILLED.levels().size() - 1);
        var settings =
                new DenoisingLoop.Settings(sigmas, new Sampler.Euler(), Guidance.NONE, GuidanceRules.Spread.PER_CLIP);
        var picture = new Denoiser.Picture(size.frames(), size.height(), size.width(), ClipSize.FPS);
        var phase = Denoiser.Phase.ofNothing(picture, settings);
        return new Denoiser.Job(size.frames(), ClipSize.FPS, 1, Noise.STOCK, List.of(phase), null, 0);
    }

    @Override
    public void close() {
        engine.close();
    }
}
