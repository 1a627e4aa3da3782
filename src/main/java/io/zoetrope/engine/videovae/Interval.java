package io.zoetrope.engine.videovae;

import java.util.ArrayList;
import java.util.List;

/// A tile's place on one axis of the latent, `start` … `end - 1`, and how many latents of it are shared with the
/// tile before and with the tile after.
record Interval(long start, long end, long leftRamp, long rightRamp) {

    private static final int FEWEST_LATENTS = 2;

    Interval {
        if (start < 0 || end <= start || leftRamp < 0 || rightRamp < 0) {
            throw new IllegalArgumentException(
                    "interval %d to %d with ramps %d and %d".formatted(start, end, leftRamp, rightRamp));
        }
    }

    long length() {
        return end - start;
    }

    /// Intervals over a side of a picture.
    ///
    /// @param length   of the axis in latents
    /// @param scale    pixels of a latent
    /// @param shortest latents that can be decoded; a remainder that is shorter joins its neighbour
    static List<Interval> overSpace(Tiling.Axis axis, long length, int scale, int shortest) {
        List<Interval> intervals = new ArrayList<>(split(axis, length, scale));
        int last = intervals.size() - 1;
        if (last > 0 && intervals.get(last).length() < shortest) {
            Interval remainder = intervals.removeLast();
            Interval neighbour = intervals.removeLast();
            intervals.add(new Interval(neighbour.start, remainder.end, neighbour.leftRamp, 0));
        }
        return List.copyOf(intervals);
    }

    /// Intervals over time. The first frame of a tile is decoded like that of a clip, from a latent frame that
    /// stands
    /// for one frame alone: every tile but the first starts one latent earlier, and that one is faded in from zero.
    static List<Interval> overTime(Tiling.Axis axis, long length, int scale) {
        return split(axis, length, scale).stream()
                .map(interval -> interval.start == 0
                        ? interval
                        : new Interval(interval.start - 1, interval.end, interval.leftRamp + 1, interval.rightRamp))
                .toList();
    }

    private static List<Interval> split(Tiling.Axis axis, long length, int scale) {
        return switch (axis) {
            case Tiling.Axis.Whole _ -> List.of(new Interval(0, length, 0, 0));
            case Tiling.Axis.Size(int tile, int overlap) -> {
                long shared = overlap / scale;
                long size = Math.max(Math.max(FEWEST_LATENTS, shared + 1), tile / scale);
                yield bySize(length, size, shared);
            }
            case Tiling.Axis.Count(int tiles, int overlap) -> byCount(length, tiles, overlap);
        };
    }

    private static List<Interval> bySize(long length, long size, long overlap) {
        if (length <= size) {
            return List.of(new Interval(0, length, 0, 0));
        }
        long step = size - overlap;
        long count = Math.ceilDiv(length - overlap, step);
        List<Interval> intervals = new ArrayList<>();
        for (long index = 0; index < count; index++) {
            boolean last = index == count - 1;
            intervals.add(new Interval(
                    index * step, last ? length : index * step + size, index == 0 ? 0 : overlap, last ? 0 : overlap));
        }
        return intervals;
    }

    /// The first tiles are one latent longer if the axis cannot be shared out evenly.
    private static List<Interval> byCount(long length, long tiles, long overlap) {
        long total = length + overlap * (tiles - 1);
        long size = total / tiles;
        long longer = total % tiles;
        if (size <= overlap) {
            throw new IllegalArgumentException(
                    "%d tiles that overlap by %d latents on an axis of %d".formatted(tiles, overlap, length));
        }
        List<Interval> even = bySize(length - longer, size, overlap);
        List<Interval> intervals = new ArrayList<>();
        for (int index = 0; index < even.size(); index++) {
            Interval interval = even.get(index);
            long shift = Math.min(index, longer);
            intervals.add(new Interval(
                    interval.start + shift,
                    interval.end + shift + (index < longer ? 1 : 0),
                    interval.leftRamp,
                    interval.rightRamp));
        }
        return intervals;
    }
}
