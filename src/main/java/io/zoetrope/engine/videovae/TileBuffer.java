package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TileGrid.Segment;

/// The results of tiles, weighted and summed, for a stretch of time that moves along the clip.
///
/// The stretch is as long as the longest segment of time. What lies before the next segment is final; the rest moves
/// to the front and is added to.
final class TileBuffer {

    private static final int TIME = 2;
    private static final double SMALLEST_WEIGHT = 1e-8;

    private final Tensor values; // [B, C, n, H, W]
    private final Tensor weights; // float32 [n, H, W]; null if they sum to one
    private long origin; // position in the clip of the first of the n

    /// Zeros, that belong to the open scope.
    ///
    /// @param type     of the sums
    /// @param channels of a result
    TileBuffer(TileGrid grid, DataType type, Device device, long batch, long channels) {
        long length = longest(grid);
        long height = grid.height().getLast().result().end();
        long width = grid.width().getLast().result().end();
        values = Tensor.zeros(type, device, batch, channels, length, height, width);
        weights = grid.isComplementary() ? null : Tensor.zeros(DataType.FLOAT32, device, length, height, width);
    }

    /// Positions in time that a buffer for these tiles holds.
    static long longest(TileGrid grid) {
        return grid.time().stream()
                .mapToLong(segment -> segment.result().length())
                .max()
                .orElseThrow();
    }

    /// What makes a tile and adds its result.
    interface Work<E extends Exception> {
        void on(Segment time, Segment height, Segment width) throws E;
    }

    /// Takes what is final.
    interface Sink<E extends Exception> {

        /// @param start of the piece, position in the clip
        /// @param piece `[B, C, n, H, W]`, a view that is valid during this call only
        void accept(long start, Tensor piece) throws E;
    }

    /// Works through all tiles, width fastest and time slowest, and gives away what is final after each stretch of
    /// time.
    <E extends Exception> void fill(TileGrid grid, Work<E> work, Sink<E> sink) throws E {
        for (int index = 0; index < grid.time().size(); index++) {
            Segment time = grid.time().get(index);
            moveTo(time.result().start());
            for (Segment height : grid.height()) {
                for (Segment width : grid.width()) {
                    try (TensorScope _ = TensorScope.open()) {
                        work.on(time, height, width);
                    }
                }
            }
            boolean last = index == grid.time().size() - 1;
            long end = last
                    ? time.result().end()
                    : grid.time().get(index + 1).result().start();
            if (end > origin) { // tiles that overlap by more than half may finish nothing
                try (TensorScope _ = TensorScope.open()) {
                    sink.accept(origin, finishedBefore(end));
                }
            }
        }
    }

    /// Adds part of a tile's result.
    ///
    /// @param result `[B, C, n, h, w]`
    /// @param first  position of its first frame in the tile
    void add(Segment time, Segment height, Segment width, Tensor result, long first) {
        long frames = result.size(TIME);
        try (TensorScope _ = TensorScope.open()) {
            Tensor place = place(values, TIME, time, height, width, first, frames);
            boolean plain = time.result().isPlain()
                    && height.result().isPlain()
                    && width.result().isPlain();
            if (plain && weights == null) {
                place.plusInPlace(result);
                return;
            }
            Tensor mask = time.result()
                    .mask()
                    .narrow(0, first, frames)
                    .view(frames, 1, 1)
                    .times(height.result().mask().view(-1, 1))
                    .times(width.result().mask())
                    .to(values.device()); // [n, h, w]
            place.plusInPlace(result.times(mask));
            if (weights != null) {
                place(weights, 0, time, height, width, first, frames).plusInPlace(mask);
            }
        }
    }

    /// Everything before position `end` of the clip, which is final now; a view.
    private Tensor finishedBefore(long end) {
        Tensor finished = values.narrow(TIME, 0, end - origin);
        if (weights != null) {
            finished.dividedInPlaceBy(weights.narrow(0, 0, end - origin).atLeast(SMALLEST_WEIGHT));
        }
        return finished;
    }

    /// Forgets everything before position `start` of the clip.
    private void moveTo(long start) {
        shift(values, TIME, start - origin);
        if (weights != null) {
            shift(weights, 0, start - origin);
        }
        origin = start;
    }

    private Tensor place(
            Tensor buffer, int axis, Segment time, Segment height, Segment width, long first, long frames) {
        return buffer.narrow(axis, time.result().start() - origin + first, frames)
                .narrow(axis + 1, height.result().start(), height.result().length())
                .narrow(axis + 2, width.result().start(), width.result().length());
    }

    /// Moves to the front what stands at `distance`, by pieces that do not overlap themselves, and clears the end.
    private static void shift(Tensor buffer, int axis, long distance) {
        if (distance == 0) {
            return;
        }
        try (TensorScope _ = TensorScope.open()) {
            long kept = Math.max(0, buffer.size(axis) - distance);
            for (long start = 0; start < kept; start += distance) {
                long frames = Math.min(distance, kept - start);
                buffer.narrow(axis, start, frames).copyInPlace(buffer.narrow(axis, start + distance, frames));
            }
            buffer.narrow(axis, kept, buffer.size(axis) - kept)
                    .copyInPlace(Tensor.zeros(buffer.type(), buffer.device()));
        }
    }
}
