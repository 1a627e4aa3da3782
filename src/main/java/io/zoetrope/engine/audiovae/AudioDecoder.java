package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// Audio latents to log mel spectrograms.
public final class AudioDecoder {

    private static final int KERNEL = 3;

    /// @param name     of the level in the checkpoint; the last one is decoded first
    /// @param upsample convolution after doubling, null on the last level decoded
    private record Level(String name, LevelUnits units, CausalConvolution2d upsample) {}

    private final AudioVaeConfig config;
    private final AudioStatistics statistics;
    private final CausalConvolution2d enter;
    private final MiddleUnits middle;
    private final List<Level> levels;
    private final CausalConvolution2d leave;

    private AudioDecoder(
            AudioVaeConfig config,
            AudioStatistics statistics,
            CausalConvolution2d enter,
            MiddleUnits middle,
            List<Level> levels,
            CausalConvolution2d leave) {
        this.config = config;
        this.statistics = statistics;
        this.enter = enter;
        this.middle = middle;
        this.levels = levels;
        this.leave = leave;
    }

    /// @param weights at `audio_vae`
    public static AudioDecoder load(AudioVaeConfig config, Weights weights) {
        Weights decoder = weights.under("decoder");
        long channels = config.channels(config.deepestLevel());
        CausalConvolution2d enter =
                CausalConvolution2d.load(config.latentChannels(), channels, KERNEL, decoder.under("conv_in"));
        MiddleUnits middle = MiddleUnits.load(config, decoder);
        List<Level> levels = new ArrayList<>();
        for (int level = config.deepestLevel(); level >= 0; level--) {
            levels.add(level(config, level, channels, decoder.under("up", level)));
            channels = config.channels(level);
        }
        return new AudioDecoder(
                config,
                AudioStatistics.load(config, weights),
                enter,
                middle,
                List.copyOf(levels),
                CausalConvolution2d.load(channels, config.spectrogramChannels(), KERNEL, decoder.under("conv_out")));
    }

    public AudioVaeConfig config() {
        return config;
    }

    /// Decodes normalised latents.
    ///
    /// @param latent `[B, Z, T, M]`
    /// @return log mel `[B, 2, 4T-3, mel bins]`, in the latent's type
    public Tensor decode(Tensor latent) {
        return decode(latent, TracedSteps.UNSEEN);
    }

    /// Decodes and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor decode(Tensor latent, BiConsumer<String, Tensor> trace) {
        latent.requireShape("audio latent", Tensor.ANY, config.latentChannels(), Tensor.ANY, config.latentBins());
        TracedSteps steps = new TracedSteps(trace);
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = statistics.unnormalise(latent.to(statistics.mean().type()));
            Tensor hidden = steps.step("conv_in", input, enter::forward);
            hidden = middle.forward(hidden, steps);
            for (Level level : levels) {
                hidden = level.units().forward(level.name(), hidden, steps);
                if (level.upsample() != null) {
                    hidden = steps.step(
                            level.name() + ".upsample", hidden, smaller -> upsample(smaller, level.upsample()));
                }
            }
            Tensor mel = steps.step("conv_out", hidden, leave::forwardActivated);
            return scope.keep(fitted(mel, latent.size(2)).to(latent.type()));
        }
    }

    private static Level level(AudioVaeConfig config, int level, long in, Weights weights) {
        long width = config.channels(level);
        return new Level(
                "up." + level,
                LevelUnits.load(config, level, in, config.residualBlocks() + 1, weights),
                level == 0 ? null : CausalConvolution2d.load(width, width, KERNEL, weights.under("upsample.conv")));
    }

    /// Doubles both axes; the first row of time stood for a single mel frame.
    private static Tensor upsample(Tensor hidden, CausalConvolution2d convolution) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor inTime = hidden.repeatEach(2, 2);
            Tensor doubled = inTime.repeatEach(3, 2);
            inTime.close();
            Tensor result = convolution.forward(doubled);
            return scope.keep(result.narrow(2, 1, result.size(2) - 1));
        }
    }

    /// Cuts what is too long or high, fills what is too short with zeros; does nothing with the released
    /// configuration.
    private Tensor fitted(Tensor mel, long latentFrames) {
        long frames = Math.max(1, config.timeScale() * latentFrames - (config.timeScale() - 1L));
        long bins = config.melBins();
        Tensor cut = mel.narrow(2, 0, Math.min(frames, mel.size(2))).narrow(3, 0, Math.min(bins, mel.size(3)));
        return cut.size(2) == frames && cut.size(3) == bins
                ? cut
                : cut.pad("constant", 0, bins - cut.size(3), 0, frames - cut.size(2));
    }
}
