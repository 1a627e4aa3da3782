package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.NativeHeap;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TimeWindows.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// Latents to pixels.
public final class VideoDecoder {

    /// The noise that a conditioned decoder adds before it removes it.
    private static final double DECODE_NOISE = 0.025;

    private static final double DECODE_TIMESTEP = 0.05;
    private static final int LAST_ROWS = 2;
    private static final int COLOURS = 3;
    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

    /// What a decoder has that is conditioned on a timestep.
    private record Timestep(Tensor scale, TimestepEmbedder last, Tensor lastTable) {}

    private final VideoVaeConfig config;
    private final Tensor mean; // [C], type of the network
    private final Tensor deviation; // [C]
    private final CausalConvolution enter;
    private final List<UpBlock> blocks;
    private final CausalConvolution leave;
    private final Timestep timestep; // or null

    private VideoDecoder(
            VideoVaeConfig config,
            Tensor mean,
            Tensor deviation,
            CausalConvolution enter,
            List<UpBlock> blocks,
            CausalConvolution leave,
            Timestep timestep) {
        this.config = config;
        this.mean = mean;
        this.deviation = deviation;
        this.enter = enter;
        this.blocks = blocks;
        this.leave = leave;
        this.timestep = timestep;
    }

    /// @param weights at `vae`; files of this component alone have no such prefix
    public static VideoDecoder load(VideoVaeConfig config, Weights weights) {
        boolean _ = NativeHeap.returnLargeBlocks(); // windows come and go by the hundred
        Weights statistics = weights.under("per_channel_statistics");
        Weights decoder = weights.under("decoder");
        long channels = config.bottleneck();
        CausalConvolution enter =
                CausalConvolution.load(config.latentChannels(), channels, config.borders(), decoder.under("conv_in"));
        List<UpBlock> blocks = new ArrayList<>();
        for (int index = 0; index < config.decoderBlocks().size(); index++) {
            UpBlock block = UpBlock.load(
                    config.decoderBlocks().get(index), channels, config, decoder.under("up_blocks", index));
            blocks.add(block);
            channels = block.channels();
        }
        long pixels = (long) COLOURS * config.patchSize() * config.patchSize();
        return new VideoDecoder(
                config,
                statistics.tensor("mean-of-means", config.latentChannels()),
                statistics.tensor("std-of-means", config.latentChannels()),
                enter,
                List.copyOf(blocks),
                CausalConvolution.load(channels, pixels, config.borders(), decoder.under("conv_out")),
                config.timestepConditioning()
                        ? new Timestep(
                                decoder.tensorAs(DataType.FLOAT32, "timestep_scale_multiplier"),
                                TimestepEmbedder.load(LAST_ROWS * channels, decoder.under("last_time_embedder")),
                                decoder.tensor("last_scale_shift_table", LAST_ROWS, channels))
                        : null);
    }

    public VideoVaeConfig config() {
        return config;
    }

    /// Decodes normalised latents.
    ///
    /// @param latent `[B, C, F, H, W]`
    /// @param noise  for decoders that inject some; null otherwise
    /// @return `[B, 3, 8(F-1)+1, 32H, 32W]`, nominally in [-1, 1], not clamped, in the latent's type
    public Tensor decode(Tensor latent, RandomStream noise) {
        return decode(latent, noise, NO_TRACE);
    }

    /// Decodes and hands the blocks' results to `trace`, which must copy what it wants to keep.
    public Tensor decode(Tensor latent, RandomStream noise, BiConsumer<String, Tensor> trace) {
        return decode(latent, noise, TimeWindows.DEFAULT, trace);
    }

    Tensor decode(Tensor latent, RandomStream noise, TimeWindows windows, BiConsumer<String, Tensor> trace) {
        requireSize(latent);
        try (TensorScope scope = TensorScope.open()) {
            Features features = features(latent, noise, windows, trace);
            Tensor video = Tensor.empty(
                    latent.type(),
                    latent.device(),
                    latent.size(0),
                    COLOURS,
                    (latent.size(2) - 1) * config.temporalScale() + 1,
                    latent.size(3) * config.spatialScale(),
                    latent.size(4) * config.spatialScale());
            pixels(
                    features,
                    windows,
                    (window, pixels) ->
                            video.narrow(2, window.start(), window.frames()).copyInPlace(pixels));
            return scope.keep(video);
        }
    }

    /// Decodes tile by tile: what is alive besides the latent is one tile in the making and the results of one
    /// stretch
    /// of time. Unlike the windows that every decoding uses, tiles show in the result, since a tile sees nothing of
    /// what lies beyond its borders.
    ///
    /// @param latent `[B, C, F, H, W]`
    /// @param noise  for decoders that inject some; null otherwise
    /// @param chunks takes the clip, one piece for each tile along time
    /// @throws IllegalArgumentException if the layout is not legal for this model or clip
    public <E extends Exception> void decode(Tensor latent, RandomStream noise, Tiling tiling, ChunkSink<E> chunks)
            throws E {
        requireSize(latent);
        TileGrid grid = TileGrid.forDecoding(tiling, config.grid(), latent.size(2), latent.size(3), latent.size(4));
        try (TensorScope _ = TensorScope.open()) {
            if (grid.tiles() == 1) {
                chunks.accept(decode(latent, noise));
                return;
            }
            TileBuffer buffer = new TileBuffer(grid, latent.type(), latent.device(), latent.size(0), COLOURS);
            buffer.<E>fill(
                    grid,
                    (time, height, width) -> {
                        chunks.between();
                        Tensor tile = TileGrid.read(latent, time, height, width);
                        pixels(
                                features(tile, noise, TimeWindows.DEFAULT, NO_TRACE),
                                TimeWindows.DEFAULT,
                                (window, pixels) ->
                                        buffer.add(time, height, width, pixels.to(latent.type()), window.start()));
                    },
                    (_, piece) -> chunks.accept(piece));
        }
    }

    /// What the last convolution reads.
    ///
    /// @param hidden `[B, C, F, H / patch, W / patch]`
    /// @param rows   shift and scale; null if there is none
    private record Features(Tensor hidden, Tensor rows) {}

    private Features features(
            Tensor latent, RandomStream noise, TimeWindows windows, BiConsumer<String, Tensor> trace) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor input = latent.to(mean.type());
            Conditions conditions = conditions(latent, noise, windows);
            if (timestep != null) {
                Tensor drawn = noise.normal(DataType.FLOAT32, latent.shape()).like(input);
                input = drawn.times(DECODE_NOISE).plus(input.times(1 - DECODE_NOISE));
            }
            Tensor hidden = enter.forward(unnormalise(input), UnaryOperator.identity(), windows);
            trace.accept("conv_in", hidden);
            for (int index = 0; index < blocks.size(); index++) {
                Tensor next = blocks.get(index).forward(hidden, conditions);
                hidden.close();
                hidden = next;
                trace.accept("up_blocks." + index, hidden);
            }
            Tensor rows = lastRows(conditions, input);
            return new Features(scope.keep(hidden), rows == null ? null : scope.keep(rows));
        }
    }

    /// Hands out the pixels window by window: the last layer has as many channels as a patch has values, and its
    /// result
    /// for the whole clip would stand beside the pixels themselves.
    private void pixels(Features features, TimeWindows windows, BiConsumer<Window, Tensor> pixels) {
        Tensor hidden = features.hidden();
        for (Window window : windows.over(hidden.size(2), leave.elementsPerFrame(hidden))) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor packed = leave.forward(hidden, part -> ResidualUnit.activated(part, features.rows(), 0), window);
                pixels.accept(window, unpatchify(packed));
            }
        }
    }

    private void requireSize(Tensor latent) {
        latent.requireShape("video latent", Tensor.ANY, config.latentChannels(), Tensor.ANY, Tensor.ANY, Tensor.ANY);
        if (Math.min(latent.size(3), latent.size(4)) < config.smallestSide()) {
            throw new IllegalArgumentException(
                    "video latent %s: this decoder reflects borders and needs height and width of at least %d pixels"
                            .formatted(Tensor.describe(latent.shape()), config.smallestSide() * config.spatialScale()));
        }
    }

    private Tensor unnormalise(Tensor latent) {
        return latent.times(perChannel(deviation)).plus(perChannel(mean));
    }

    private Conditions conditions(Tensor latent, RandomStream noise, TimeWindows windows) {
        if (timestep == null) {
            return new Conditions(null, noise, windows);
        }
        if (noise == null) {
            throw new IllegalStateException("a decoder that is conditioned on noise, but no source of noise");
        }
        Tensor level = Tensor.full(DECODE_TIMESTEP, DataType.FLOAT32, latent.device(), latent.size(0));
        return new Conditions(level.times(timestep.scale()), noise, windows);
    }

    /// @return `[B, 2, C, 1, 1, 1]`: shift and scale before the last convolution; null if there is none
    private Tensor lastRows(Conditions conditions, Tensor input) {
        if (timestep == null) {
            return null;
        }
        long channels = timestep.lastTable().size(1);
        return timestep.last()
                .forward(conditions.timesteps(), input.type())
                .view(input.size(0), LAST_ROWS, channels)
                .plus(timestep.lastTable())
                .view(input.size(0), LAST_ROWS, channels, 1, 1, 1);
    }

    /// Channels to patches of pixels; the column within a patch is slower than the row.
    private Tensor unpatchify(Tensor packed) {
        long[] shape = packed.shape();
        long patch = config.patchSize();
        return packed.view(
                        shape[0], COLOURS, patch, patch, shape[2], shape[3], shape[4]) // [B, 3, column, row, F, H, W]
                .permute(0, 1, 4, 5, 3, 6, 2)
                .reshape(shape[0], COLOURS, shape[2], shape[3] * patch, shape[4] * patch);
    }

    private static Tensor perChannel(Tensor vector) {
        return vector.view(1, -1, 1, 1, 1);
    }
}
