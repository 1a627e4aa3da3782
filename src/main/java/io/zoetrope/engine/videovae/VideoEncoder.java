package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// Pixels to latents.
public final class VideoEncoder {

    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

    private final VideoVaeConfig config;
    private final Tensor mean; // [C], type of the network
    private final Tensor deviation; // [C]
    private final CausalConvolution enter;
    private final List<DownBlock> blocks;
    private final CausalConvolution leave;

    private VideoEncoder(
            VideoVaeConfig config,
            Tensor mean,
            Tensor deviation,
            CausalConvolution enter,
            List<DownBlock> blocks,
            CausalConvolution leave) {
        this.config = config;
        this.mean = mean;
        this.deviation = deviation;
        this.enter = enter;
        this.blocks = blocks;
        this.leave = leave;
    }

    /// @param weights at `vae`; files of this component alone have no such prefix
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException if the configuration describes no encoder
    public static VideoEncoder load(VideoVaeConfig config, Weights weights) {
        config.requireEncoder();
        Weights statistics = weights.under("per_channel_statistics");
        Weights encoder = weights.under("encoder");
        Borders borders = new Borders(true, config.encoder().padding());
        long pixels = 3L * config.patchSize() * config.patchSize();
        long channels = config.latentChannels(); // the first width is the latent's, by design of the reference
        CausalConvolution enter = CausalConvolution.load(pixels, channels, borders, encoder.under("conv_in"));
        List<DownBlock> blocks = new ArrayList<>();
        for (int index = 0; index < config.encoder().blocks().size(); index++) {
            DownBlock block = DownBlock.load(
                    config.encoder().blocks().get(index), channels, borders, encoder.under("down_blocks", index));
            blocks.add(block);
            channels = block.channels();
        }
        long out = switch (config.encoder().logVariance()) {
            case SHARED -> config.latentChannels() + 1L;
            case PER_CHANNEL -> 2L * config.latentChannels();
        };
        return new VideoEncoder(
                config,
                statistics.tensor("mean-of-means", config.latentChannels()),
                statistics.tensor("std-of-means", config.latentChannels()),
                enter,
                List.copyOf(blocks),
                CausalConvolution.load(channels, out, borders, encoder.under("conv_out")));
    }

    public VideoVaeConfig config() {
        return config;
    }

    /// The longest beginning of a clip that can be encoded, `8k + 1` frames; a view.
    ///
    /// @param video `[B, 3, F, H, W]`
    public Tensor withoutIncompleteEnd(Tensor video) {
        long frames = video.size(2);
        return video.narrow(2, 0, (frames - 1) / config.temporalScale() * config.temporalScale() + 1);
    }

    /// Encodes to normalised latents: the mean of what the encoder believes, without sampling.
    ///
    /// @param video `[B, 3, 8k+1, 32h, 32w]` in [-1, 1]
    /// @return `[B, C, k+1, h, w]` in the video's type
    /// @throws IllegalArgumentException for other sizes; see [#withoutIncompleteEnd]
    public Tensor encode(Tensor video) {
        return encode(video, NO_TRACE);
    }

    /// Encodes and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor encode(Tensor video, BiConsumer<String, Tensor> trace) {
        return encode(video, TimeWindows.DEFAULT, trace);
    }

    /// Encodes tile by tile: memory is bounded by the tile. Tiles show in the result, since a tile sees nothing of
    /// what lies beyond its borders; a clip of one tile is encoded as a whole.
    ///
    /// @param video `[B, 3, 8k+1, 32h, 32w]` in [-1, 1]
    /// @return `[B, C, k+1, h, w]` in the video's type
    /// @throws IllegalArgumentException if the layout is not legal for encoding, or the size is none
    public Tensor encode(Tensor video, Tiling tiling) {
        requireSize(video);
        long[] latent = {
            (video.size(2) - 1) / config.temporalScale() + 1,
            video.size(3) / config.spatialScale(),
            video.size(4) / config.spatialScale()
        };
        TileGrid grid = TileGrid.forEncoding(tiling, config.grid(), latent[0], latent[1], latent[2]);
        if (grid.tiles() == 1) {
            return encode(video);
        }
        long channels = config.latentChannels();
        try (TensorScope scope = TensorScope.open()) {
            Tensor whole = Tensor.empty(
                    video.type(), video.device(), video.size(0), channels, latent[0], latent[1], latent[2]);
            TileBuffer buffer = new TileBuffer(grid, video.type(), video.device(), video.size(0), channels);
            buffer.fill(
                    grid,
                    (time, height, width) ->
                            buffer.add(time, height, width, encode(TileGrid.read(video, time, height, width)), 0),
                    (start, latents) -> whole.narrow(2, start, latents.size(2)).copyInPlace(latents));
            return scope.keep(whole);
        }
    }

    Tensor encode(Tensor video, TimeWindows windows, BiConsumer<String, Tensor> trace) {
        requireSize(video);
        try (TensorScope scope = TensorScope.open()) {
            Tensor patches = patchify(video.to(mean.type()));
            Tensor hidden = enter.forward(patches, UnaryOperator.identity(), windows);
            patches.close();
            trace.accept("conv_in", hidden);
            for (int index = 0; index < blocks.size(); index++) {
                Tensor next = blocks.get(index).forward(hidden, windows);
                hidden.close();
                hidden = next;
                trace.accept("down_blocks." + index, hidden);
            }
            Tensor beliefs = leave.forward(hidden, window -> ResidualUnit.activated(window, null, 0), windows);
            trace.accept("conv_out", beliefs);
            Tensor means = beliefs.narrow(1, 0, config.latentChannels());
            return scope.keep(means.minus(perChannel(mean))
                    .dividedBy(perChannel(deviation))
                    .to(video.type()));
        }
    }

    private void requireSize(Tensor video) {
        video.requireShape("video", Tensor.ANY, 3, Tensor.ANY, Tensor.ANY, Tensor.ANY);
        long time = config.temporalScale();
        long space = config.spatialScale();
        // A reflection needs a second row, in the latent too.
        long smallest = config.encoder().padding() == SpatialPadding.REFLECT ? 2 * space : space;
        boolean fits = video.size(2) % time == (time == 1 ? 0 : 1)
                && video.size(3) % space == 0
                && video.size(4) % space == 0
                && Math.min(video.size(3), video.size(4)) >= smallest;
        if (!fits) {
            throw new IllegalArgumentException(
                    "video %s: expected %d·k + 1 frames, height and width in multiples of %d pixels, at least %d"
                            .formatted(Tensor.describe(video.shape()), time, space, smallest));
        }
    }

    /// Patches of pixels to channels; the column within a patch is slower than the row.
    private Tensor patchify(Tensor video) {
        long[] shape = video.shape();
        long patch = config.patchSize();
        long height = shape[3] / patch;
        long width = shape[4] / patch;
        return video.reshape(shape[0], 3, shape[2], height, patch, width, patch) // [B, 3, F, H, row, W, column]
                .permute(0, 1, 6, 4, 2, 3, 5)
                .reshape(shape[0], 3 * patch * patch, shape[2], height, width);
    }

    private static Tensor perChannel(Tensor vector) {
        return vector.view(1, -1, 1, 1, 1);
    }
}
