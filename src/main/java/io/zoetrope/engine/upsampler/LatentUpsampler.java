package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/// Enlarges the latent of a picture, in space or in time.
///
///     latent ─ · std + mean ─ conv ─ norm ─ silu ─ blocks ─ enlargement ─ blocks ─ conv ─ (· - mean) / std
public final class LatentUpsampler implements AutoCloseable {

    private final TensorArena arena;
    private final UpsamplerConfig config;
    private final Tensor mean; // float32 [C, 1, 1, 1]
    private final Tensor deviation; // float32 [C, 1, 1, 1]
    private final Convolution enter; // C → M
    private final Norm norm;
    private final List<ResidualBlock> before;
    private final Enlargement enlargement;
    private final List<ResidualBlock> after;
    private final Convolution leave; // M → C

    private LatentUpsampler(TensorArena arena, UpsamplerConfig config, Weights weights, Weights statistics) {
        int channels = config.channels();
        int width = config.width();
        this.arena = arena;
        this.config = config;
        this.mean = perChannel(statistics, "mean-of-means", channels);
        this.deviation = perChannel(statistics, "std-of-means", channels);
        this.enter = Convolution.load(channels, width, weights.under("initial_conv"));
        this.norm = Norm.load(width, weights.under("initial_norm"));
        this.before = ResidualBlock.load(config, "res_blocks", weights);
        this.enlargement = Enlargement.load(config, weights.under("upsampler"));
        this.after = ResidualBlock.load(config, "post_upsample_res_blocks", weights);
        this.leave = Convolution.load(width, channels, weights.under("final_conv"));
    }

    /// @param file of the upsampler; mapped as long as the upsampler is open
    /// @param main checkpoint of the model, for the statistics of its video autoencoder
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if anything is missing or does not fit
    public static LatentUpsampler open(Path file, Checkpoint main, Device device, DataType type) {
        TensorArena arena = new TensorArena();
        try {
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(file)));
            UpsamplerConfig config = UpsamplerConfig.of(ConfigSection.of("upsampler", checkpoint.config()));
            Weights statistics = Weights.of(main, device, type, arena).under("vae.per_channel_statistics");
            return load(arena, config, Weights.of(checkpoint, device, type, arena), statistics);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// @param arena      owns everything, and is closed with the upsampler
    /// @param statistics at `vae.per_channel_statistics` of the model
    public static LatentUpsampler load(TensorArena arena, UpsamplerConfig config, Weights weights, Weights statistics) {
        LatentUpsampler upsampler = new LatentUpsampler(arena, config, weights, statistics);
        weights.finish("latent upsampler");
        return upsampler;
    }

    public UpsamplerConfig config() {
        return config;
    }

    /// @param latent normalised, `[B, C, F, H, W]`
    /// @return normalised, of the latent's type
    public Tensor upsample(Tensor latent) {
        return upsample(latent, (_, _) -> {});
    }

    /// Upsamples and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor upsample(Tensor latent, BiConsumer<String, Tensor> trace) {
        latent.requireShape("video latent", Tensor.ANY, config.channels(), Tensor.ANY, Tensor.ANY, Tensor.ANY);
        try (TensorScope scope = TensorScope.open()) {
            Tensor plain =
                    latent.to(mean.device(), DataType.FLOAT32).times(deviation).plus(mean);
            Tensor hidden = enter.forward(plain.to(enter.weight().type()));
            trace.accept("initial_conv", hidden);
            hidden = norm.forward(hidden);
            trace.accept("initial_norm", hidden);
            hidden = through(before, hidden.siluInPlace(), "res_blocks", trace);
            hidden = enlargement.forward(hidden);
            trace.accept("upsampler", hidden);
            hidden = through(after, hidden, "post_upsample_res_blocks", trace);
            Tensor enlarged = leave.forward(hidden).to(DataType.FLOAT32);
            return scope.keep(enlarged.minus(mean).dividedBy(deviation).to(latent.type()));
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    /// @return float32 `[C, 1, 1, 1]`
    private static Tensor perChannel(Weights statistics, String name, int channels) {
        try (TensorScope _ = TensorScope.open()) {
            return statistics.derived(
                    statistics.tensorAs(DataType.FLOAT32, name, channels).view(channels, 1, 1, 1));
        }
    }

    private static Tensor through(
            List<ResidualBlock> blocks, Tensor hidden, String name, BiConsumer<String, Tensor> trace) {
        Tensor result = hidden;
        for (int index = 0; index < blocks.size(); index++) {
            Tensor next = blocks.get(index).forward(result);
            result.close();
            result = next;
            trace.accept(name + "." + index, result);
        }
        return result;
    }
}
