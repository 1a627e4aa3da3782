package io.zoetrope.engine.videovae;

import io.zoetrope.engine.videovae.TileGrid.Segment;
import java.util.List;

/// What decoding a clip keeps in memory at its fullest moment, besides weights and latent. It counts the tensors
/// that
/// [VideoDecoder] has alive then:
///
/// - in the last residual unit three of the widest features `[C, F, H / patch, W / patch]`: input, result of the
/// first
///   convolution, result of the second;
/// - in the last convolution one of them, and the clip as it comes out;
/// - when frames leave, the clip and a few frames as colour levels;
/// - all the while, if there are tiles, the results of one stretch of time `[3, F, H, W]` at the whole picture's
/// size;
/// - in each step what one window of a convolution needs.
///
/// @param latents        of the model
/// @param patchSize      pixels per side of a patch
/// @param widestChannels of the decoder at the resolution of patches
/// @param elementBytes   of the network's type
public record DecodeFootprint(LatentGrid latents, int patchSize, int widestChannels, int elementBytes) {

    private static final int COLOURS = 3;
    private static final int FLOAT32_BYTES = 4;
    private static final int RESIDUAL_UNIT_TENSORS = 3;

    /// Per value of a frame on its way to a colour level: five float32 results, two of a byte.
    private static final int LEVEL_BYTES = 5 * FLOAT32_BYTES + 2;

    /// Small tensors and what allocators keep of freed ones; no more than what was in use.
    private static final long KEPT_BY_ALLOCATOR = 40L << 20;

    /// @param tiling null for a clip that is decoded as a whole
    /// @param frames in latents, like `height` and `width`
    /// @return bytes
    /// @throws IllegalArgumentException if the layout is not legal
    public long bytes(Tiling tiling, long frames, long height, long width) {
        TileGrid grid = TileGrid.forDecoding(tiling == null ? Tiling.WHOLE : tiling, latents, frames, height, width);
        long side = latents.spatialScale();
        long picture = COLOURS * height * side * width * side;
        boolean whole = grid.tiles() == 1;
        long stretch = whole ? latents.frames(frames) : TileBuffer.longest(grid);
        long results = stretch * picture * FLOAT32_BYTES
                + (grid.isComplementary() ? 0 : stretch * picture / COLOURS * FLOAT32_BYTES);
        long tileFrames = latents.frames(longest(grid.time()));
        long rows = longest(grid.height()) * side / patchSize;
        long columns = longest(grid.width()) * side / patchSize;
        // A clip in one piece has no results before its features are there.
        long features = (whole ? 0 : results) + residual(tileFrames, rows, columns);
        long leaving = results + Math.max(last(tileFrames, rows, columns), levels(stretch, picture));
        long alive = Math.max(features, leaving);
        return alive + Math.min(alive, KEPT_BY_ALLOCATOR);
    }

    private long residual(long frames, long rows, long columns) {
        ConvolutionWork work = new ConvolutionWork(1, widestChannels, widestChannels, frames, rows, columns);
        return (RESIDUAL_UNIT_TENSORS * widest(frames, rows, columns) + work.elements(TimeWindows.DEFAULT))
                * elementBytes;
    }

    private long last(long frames, long rows, long columns) {
        long values = (long) COLOURS * patchSize * patchSize;
        ConvolutionWork work = new ConvolutionWork(1, widestChannels, values, frames, rows, columns);
        long positions = work.window(TimeWindows.DEFAULT) * rows * columns;
        // as it comes, as pixels, weighted, and the weights
        long placing = positions * (2 * values * elementBytes + (values + values / COLOURS) * FLOAT32_BYTES);
        return widest(frames, rows, columns) * elementBytes
                + Math.max(work.elements(TimeWindows.DEFAULT) * elementBytes, placing);
    }

    private static long levels(long frames, long picture) {
        return Math.min(frames, TimeWindows.FRAME_BY_FRAME.length(picture)) * picture * LEVEL_BYTES;
    }

    private long widest(long frames, long rows, long columns) {
        return widestChannels * frames * rows * columns;
    }

    private static long longest(List<Segment> segments) {
        return segments.stream()
                .mapToLong(segment -> segment.input().length())
                .max()
                .orElseThrow();
    }
}
