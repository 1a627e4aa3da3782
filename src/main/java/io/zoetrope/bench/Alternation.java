package io.zoetrope.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// What the same work takes without and with something, measured by turns, so that whatever else the machine does
/// falls on both alike.
///
/// @param without in the order of measuring
/// @param with    each taken next to the one at the same place in `without`
public record Alternation(List<Spent> without, List<Spent> with) {

    /// What a run took.
    ///
    /// @param seconds          by the clock
    /// @param processorSeconds of all threads of this process: hardly changed by what else runs on the machine
    public record Spent(double seconds, double processorSeconds) {}

    public Alternation {
        without = List.copyOf(without);
        with = List.copyOf(with);
    }

    /// Measures both `pairs` times, after one run of each that does not count. Which of a pair comes first changes.
    ///
    /// @param without one run
    /// @param with    likewise
    static Alternation measure(int pairs, Supplier<Spent> without, Supplier<Spent> with) {
        List<Spent> bare = new ArrayList<>();
        List<Spent> laden = new ArrayList<>();
        for (int pair = 0; pair <= pairs; pair++) {
            if (pair % 2 == 0) {
                bare.add(without.get());
                laden.add(with.get());
            } else {
                laden.add(with.get());
                bare.add(without.get());
            }
        }
        return new Alternation(bare.subList(1, bare.size()), laden.subList(1, laden.size()));
    }

    /// The least that a run took.
    public static double least(List<Spent> runs, ToDoubleFunction<Spent> what) {
        return runs.stream().mapToDouble(what).min().orElseThrow();
    }

    /// The least with, over the least without: what the work costs when nothing disturbs it.
    public double ratioOfMinima(ToDoubleFunction<Spent> what) {
        return least(with, what) / least(without, what);
    }

    /// Median of the ratios of neighbours.
    public double medianRatio(ToDoubleFunction<Spent> what) {
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < with.size(); pair++) {
            ratios.add(what.applyAsDouble(with.get(pair)) / what.applyAsDouble(without.get(pair)));
        }
        return median(ratios);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
