package io.zoetrope.plan;

import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Looks for the clip nearest to one that never fits: as it is but shorter, and as long but smaller.
///
/// Memory grows with every axis, so that halving finds the largest that fits.
final class FittingSize {

    /// Whether a clip of this size would fit.
    @FunctionalInterface
    interface Test {
        boolean fits(int width, int height, int frames);
    }

    private final Test test;
    private final int grid;
    private final int smallestSide;
    private final int temporalScale;

    /// @param grid         side lengths are multiples of it
    /// @param smallestSide pixels, a multiple of `grid`
    FittingSize(Test test, int grid, int smallestSide, int temporalScale) {
        this.test = test;
        this.grid = grid;
        this.smallestSide = smallestSide;
        this.temporalScale = temporalScale;
    }

    /// What would fit, in words; empty if not even the smallest clip does.
    ///
    /// @param shortest the fewest frames that a clip at this rate may have
    Optional<String> nearest(int width, int height, int frames, int shortest) {
        Optional<String> shorter = shorter(width, height, frames, shortest);
        Optional<String> smaller = smaller(width, height, frames);
        if (shorter.isEmpty() && smaller.isEmpty()) {
            return smaller(width, height, shortest);
        }
        return Optional.of(Stream.of(shorter, smaller).flatMap(Optional::stream).collect(Collectors.joining(", or ")));
    }

    private Optional<String> shorter(int width, int height, int frames, int shortest) {
        int least = (shortest - 1) / temporalScale;
        int most = (frames - 1) / temporalScale;
        int found = largest(least, most, step -> test.fits(width, height, step * temporalScale + 1));
        return found < least
                ? Optional.empty()
                : Optional.of("%dx%d with %d frames".formatted(width, height, found * temporalScale + 1));
    }

    private Optional<String> smaller(int width, int height, int frames) {
        int most = Math.max(width, height) / grid;
        int least = smallestSide / grid;
        int found =
                largest(least, most, units -> test.fits(side(width, units, most), side(height, units, most), frames));
        return found < least
                ? Optional.empty()
                : Optional.of(
                        "%dx%d with %d frames".formatted(side(width, found, most), side(height, found, most), frames));
    }

    /// A side drawn together by `units` of `most`, on the grid.
    private int side(int full, int units, int most) {
        return Math.max(smallestSide, (int) ((long) full / grid * units / most) * grid);
    }

    /// The largest number from `least` to `most` that passes, or `least - 1`.
    private static int largest(int least, int most, IntPredicate passes) {
        int low = least - 1;
        int high = most;
        while (low < high) {
            int middle = low + (high - low + 1) / 2;
            if (passes.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
