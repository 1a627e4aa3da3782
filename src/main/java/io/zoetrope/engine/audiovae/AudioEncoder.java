package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// Log mel spectrograms to audio latents.
public final class AudioEncoder {

    private static final int KERNEL = 3;
    /// The last convolution gives a mean and a variance for each latent value; the variance is not used.
    private static final int MEAN_AND_VARIANCE = 2;

    /// @param name       of the level in the checkpoint
    /// @param downsample convolution that halves both axes, null on the last level
    private record Level(String name, LevelUnits units, CausalConvolution2d downsample) {}

    private final AudioVaeConfig config;
    private final AudioStatistics statistics;
    private final CausalConvolution2d enter;
    private final List<Level> levels;
    private final MiddleUnits middle;
    private final CausalConvolution2d leave;

    private AudioEncoder(
            AudioVaeConfig config,
            AudioStatistics statistics,
            CausalConvolution2d enter,
            List<Level> levels,
            MiddleUnits middle,
            CausalConvolution2d leave) {
        this.config = config;
        this.statistics = statistics;
        this.enter = enter;
        this.levels = levels;
        this.middle = middle;
        this.leave = leave;
    }

    /// @param weights at `audio_vae`
    public static AudioEncoder load(AudioVaeConfig config, Weights weights) {
        Weights encoder = weights.under("encoder");
        long channels = config.baseChannels();
        CausalConvolution2d enter =
                CausalConvolution2d.load(config.spectrogramChannels(), channels, KERNEL, encoder.under("conv_in"));
        List<Level> levels = new ArrayList<>();
        for (int level = 0; level <= config.deepestLevel(); level++) {
            levels.add(level(config, level, channels, encoder.under("down", level)));
            channels = config.channels(level);
        }
        return new AudioEncoder(
                config,
                AudioStatistics.load(config, weights),
                enter,
                List.copyOf(levels),
                MiddleUnits.load(config, encoder),
                CausalConvolution2d.load(
                        channels,
                        (long) MEAN_AND_VARIANCE * config.latentChannels(),
                        KERNEL,
                        encoder.under("conv_out")));
    }

    public AudioVaeConfig config() {
        return config;
    }

    /// Encodes to normalised latents: the mean of the distribution, nothing is drawn.
    ///
    /// @param mel log mel `[B, 2, T, mel bins]`
    /// @return `[B, Z, (T-1) div 4 + 1, M]`, in the spectrogram's type
    public Tensor encode(Tensor mel) {
        return encode(mel, TracedSteps.UNSEEN);
    }

    /// Encodes and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor encode(Tensor mel, BiConsumer<String, Tensor> trace) {
        mel.requireShape("log mel", Tensor.ANY, config.spectrogramChannels(), Tensor.ANY, config.melBins());
        if (mel.size(2) < 1) {
            throw new IllegalArgumentException(
                    "log mel %s, expected at least one frame".formatted(Tensor.describe(mel.shape())));
        }
        TracedSteps steps = new TracedSteps(trace);
        try (TensorScope scope = TensorScope.open()) {
            Tensor hidden = enter.forward(mel.to(statistics.mean().type()));
            trace.accept("conv_in", hidden);
            for (Level level : levels) {
                hidden = level.units().forward(level.name(), hidden, steps);
                if (level.downsample() != null) {
                    hidden = steps.step(level.name() + ".downsample", hidden, level.downsample()::forwardHalving);
                }
            }
            hidden = middle.forward(hidden, steps);
            Tensor distribution = steps.step("conv_out", hidden, leave::forwardActivated); // [B, 2 · Z, T', M]
            Tensor mean = distribution.narrow(1, 0, config.latentChannels());
            return scope.keep(statistics.normalise(mean).to(mel.type()));
        }
    }

    private static Level level(AudioVaeConfig config, int level, long in, Weights weights) {
        long width = config.channels(level);
        return new Level(
                "down." + level,
                LevelUnits.load(config, level, in, config.residualBlocks(), weights),
                level == config.deepestLevel()
                        ? null
                        : CausalConvolution2d.load(width, width, KERNEL, weights.under("downsample")));
    }
}
