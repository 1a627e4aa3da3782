package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// Audio latents to log mel spectrograms.
public final class AudioDecoder {

    private static final int KERNEL = 3;
    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

    /// A residual unit and the attention after it, if there is any.
    private record Unit(ResidualUnit2d residual, PlaneAttention attention) {

        Tensor forward(Tensor hidden) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor detailed = residual.forward(hidden);
                return scope.keep(attention == null ? detailed : attention.forward(detailed));
            }
        }
    }

    /// @param index    of the level in the checkpoint; the last one is decoded first
    /// @param upsample convolution after doubling, null on the last level decoded
    private record Level(int index, List<Unit> units, CausalConvolution2d upsample) {}

    private final AudioVaeConfig config;
    private final AudioStatistics statistics;
    private final CausalConvolution2d enter;
    private final ResidualUnit2d middleFirst;
    private final PlaneAttention middleAttention; // or null
    private final ResidualUnit2d middleSecond;
    private final List<Level> levels;
    private final CausalConvolution2d leave;

    private AudioDecoder(
            AudioVaeConfig config,
            AudioStatistics statistics,
            CausalConvolution2d enter,
            ResidualUnit2d middleFirst,
            PlaneAttention middleAttention,
            ResidualUnit2d middleSecond,
            List<Level> levels,
            CausalConvolution2d leave) {
        this.config = config;
        this.statistics = statistics;
        this.enter = enter;
        this.middleFirst = middleFirst;
        this.middleAttention = middleAttention;
        this.middleSecond = middleSecond;
        this.levels = levels;
        this.leave = leave;
    }

    /// @param weights at `audio_vae`
    public static AudioDecoder load(AudioVaeConfig config, Weights weights) {
        Weights decoder = weights.under("decoder");
        int deepest = config.channelMultipliers().size() - 1;
        long channels =
                (long) config.baseChannels() * config.channelMultipliers().get(deepest);
        CausalConvolution2d enter =
                CausalConvolution2d.load(config.latentChannels(), channels, KERNEL, decoder.under("conv_in"));
        Weights middle = decoder.under("mid");
        ResidualUnit2d middleFirst = ResidualUnit2d.load(channels, channels, middle.under("block_1"));
        PlaneAttention middleAttention =
                config.middleAttention() ? PlaneAttention.load(channels, middle.under("attn_1")) : null;
        ResidualUnit2d middleSecond = ResidualUnit2d.load(channels, channels, middle.under("block_2"));
        List<Level> levels = new ArrayList<>();
        for (int level = deepest; level >= 0; level--) {
            long width =
                    (long) config.baseChannels() * config.channelMultipliers().get(level);
            levels.add(level(config, level, channels, width, decoder.under("up", level)));
            channels = width;
        }
        return new AudioDecoder(
                config,
                AudioStatistics.load(config, weights),
                enter,
                middleFirst,
                middleAttention,
                middleSecond,
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
        return decode(latent, NO_TRACE);
    }

    /// Decodes and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor decode(Tensor latent, BiConsumer<String, Tensor> trace) {
        latent.requireShape("audio latent", Tensor.ANY, config.latentChannels(), Tensor.ANY, config.latentBins());
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = statistics.unnormalise(latent.to(statistics.mean().type()));
            Tensor hidden = enter.forward(input);
            trace.accept("conv_in", hidden);
            hidden = step("mid.block_1", hidden, middleFirst::forward, trace);
            if (middleAttention != null) {
                hidden = step("mid.attn_1", hidden, middleAttention::forward, trace);
            }
            hidden = step("mid.block_2", hidden, middleSecond::forward, trace);
            for (Level level : levels) {
                for (int index = 0; index < level.units().size(); index++) {
                    Unit unit = level.units().get(index);
                    hidden = step("up.%d.block.%d".formatted(level.index(), index), hidden, unit::forward, trace);
                }
                if (level.upsample() != null) {
                    UnaryOperator<Tensor> upsample = smaller -> upsample(smaller, level.upsample());
                    hidden = step("up.%d.upsample".formatted(level.index()), hidden, upsample, trace);
                }
            }
            Tensor mel = step("conv_out", hidden, leave::forwardActivated, trace);
            return scope.keep(fitted(mel, latent.size(2)).to(latent.type()));
        }
    }

    private static Level level(AudioVaeConfig config, int level, long in, long width, Weights weights) {
        List<Unit> units = new ArrayList<>();
        long channels = in;
        for (int index = 0; index <= config.residualBlocks(); index++) {
            units.add(new Unit(
                    ResidualUnit2d.load(channels, width, weights.under("block", index)),
                    config.hasAttention(level) ? PlaneAttention.load(width, weights.under("attn", index)) : null));
            channels = width;
        }
        return new Level(
                level,
                List.copyOf(units),
                level == 0 ? null : CausalConvolution2d.load(width, width, KERNEL, weights.under("upsample.conv")));
    }

    /// Frees what went into a step as soon as its result is there.
    private static Tensor step(
            String name, Tensor hidden, UnaryOperator<Tensor> forward, BiConsumer<String, Tensor> trace) {
        Tensor next = forward.apply(hidden);
        hidden.close();
        trace.accept(name, next);
        return next;
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
