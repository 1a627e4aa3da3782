package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/// All tiles of one clip: every segment of time with every segment of height with every segment of width.
final class TileGrid {

    private static final double SUM_TOLERANCE = 1e-5;

    /// A tile on one axis.
    ///
    /// @param input  what the network reads, in the input's positions
    /// @param result where its result lies
    record Segment(Input input, Span result) {}

    /// Positions `start` … `end - 1`.
    record Input(long start, long end) {
        long length() {
            return end - start;
        }
    }

    private final List<Segment> time;
    private final List<Segment> height;
    private final List<Segment> width;
    private final boolean complementary;

    private TileGrid(List<Segment> time, List<Segment> height, List<Segment> width) {
        this.time = time;
        this.height = height;
        this.width = width;
        this.complementary = sumsToOne(time) && sumsToOne(height) && sumsToOne(width);
    }

    /// @param frames in latents, like `height` and `width`
    /// @throws IllegalArgumentException if the layout is not legal for the model or the clip
    static TileGrid forDecoding(Tiling tiling, LatentGrid latents, long frames, long height, long width) {
        tiling.requireLegal(latents);
        int time = latents.temporalScale();
        int space = latents.spatialScale();
        int shortest = latents.smallestSide();
        Function<Interval, Segment> instant =
                tile -> new Segment(new Input(tile.start(), tile.end()), Span.inTime(tile, time));
        Function<Interval, Segment> stripe =
                tile -> new Segment(new Input(tile.start(), tile.end()), Span.inSpace(tile, space));
        return new TileGrid(
                segments(Interval.overTime(tiling.frames(), frames, time), instant),
                segments(Interval.overSpace(tiling.height(), height, space, shortest), stripe),
                segments(Interval.overSpace(tiling.width(), width, space, shortest), stripe));
    }

    /// @param frames in latents, like `height` and `width`
    /// @throws IllegalArgumentException if the layout is not legal for the model or the clip
    static TileGrid forEncoding(Tiling tiling, LatentGrid latents, long frames, long height, long width) {
        tiling.requireLegalForEncoding(latents);
        int time = latents.temporalScale();
        int space = latents.spatialScale();
        Function<Interval, Segment> instant =
                tile -> new Segment(new Input(tile.start() * time, (tile.end() - 1) * time + 1), Span.inTime(tile, 1));
        Function<Interval, Segment> stripe =
                tile -> new Segment(new Input(tile.start() * space, tile.end() * space), Span.inSpace(tile, 1));
        return new TileGrid(
                segments(Interval.overTime(tiling.frames(), frames, time), instant),
                segments(Interval.overSpace(tiling.height(), height, space, 1), stripe),
                segments(Interval.overSpace(tiling.width(), width, space, 1), stripe));
    }

    /// What the tile of three segments reads; a view.
    ///
    /// @param whole `[B, C, F, H, W]`
    static Tensor read(Tensor whole, Segment time, Segment height, Segment width) {
        return whole.narrow(2, time.input().start(), time.input().length())
                .narrow(3, height.input().start(), height.input().length())
                .narrow(4, width.input().start(), width.input().length());
    }

    List<Segment> time() {
        return time;
    }

    List<Segment> height() {
        return height;
    }

    List<Segment> width() {
        return width;
    }

    /// Whether the weights of all tiles sum to one everywhere.
    boolean isComplementary() {
        return complementary;
    }

    int tiles() {
        return time.size() * height.size() * width.size();
    }

    private static List<Segment> segments(List<Interval> intervals, Function<Interval, Segment> segment) {
        return intervals.stream().map(segment).toList();
    }

    private static boolean sumsToOne(List<Segment> segments) {
        double[] sums = new double[Math.toIntExact(segments.getLast().result().end())];
        for (Segment segment : segments) {
            float[] weights = segment.result().weights();
            for (int k = 0; k < weights.length; k++) {
                sums[(int) segment.result().start() + k] += weights[k];
            }
        }
        for (double sum : sums) {
            if (Math.abs(sum - 1) > SUM_TOLERANCE) {
                return false;
            }
        }
        return true;
    }
}
