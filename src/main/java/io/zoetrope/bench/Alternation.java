package io.zoetrope.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Times of the same work without and with something, measured by turns, so that whatever else the machine does
/// falls on both alike.
///
/// @param without seconds, in the order of measuring
/// @param with    seconds, each taken next to the one at the same place in `without`
public record Alternation(List<Double> without, List<Double> with) {

    public Alternation {
        without = List.copyOf(without);
        with = List.copyOf(with);
    }

    /// Measures both `pairs` times, after one run of each that does not count. Which of a pair comes first changes.
    ///
    /// @param without one run; gives its seconds
    /// @param with    likewise
    static Alternation measure(int pairs, DoubleSupplier without, DoubleSupplier with) {
        double _ = without.getAsDouble();
        double _ = with.getAsDouble();
        List<Double> bare = new ArrayList<>();
        List<Double> laden = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            if (pair % 2 == 0) {
                bare.add(without.getAsDouble());
                laden.add(with.getAsDouble());
            } else {
                laden.add(with.getAsDouble());
                bare.add(without.getAsDouble());
            }
        }
        return new Alternation(bare, laden);
    }

    /// Shortest time with, over shortest time without: what the work costs when nothing disturbs it.
    public double ratioOfMinima() {
        return Collections.min(with) / Collections.min(without);
    }

    /// Median of the ratios of neighbours.
    public double medianRatio() {
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < with.size(); pair++) {
            ratios.add(with.get(pair) / without.get(pair));
        }
        return median(ratios);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
