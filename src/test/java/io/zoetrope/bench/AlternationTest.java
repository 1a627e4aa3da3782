package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.bench.Alternation.Spent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/// Figures of two kinds of run.
class AlternationTest {

    @Test
    void runsAlternateAfterOneOfEachThatDoesNotCount() {
        List<String> order = new ArrayList<>();
        Alternation figures = Alternation.measure(
                2,
                () -> {
                    order.add("without");
                    return new Spent(order.size(), 0);
                },
                () -> {
                    order.add("with");
                    return new Spent(order.size(), 0);
                });
        assertEquals(List.of("without", "with", "with", "without", "without", "with"), order);
        assertEquals(seconds(4, 5), figures.without());
        assertEquals(seconds(3, 6), figures.with());
    }

    @Test
    void ratiosAreOfTheLeastAndOfNeighbours() {
        Alternation figures = new Alternation(seconds(2, 1, 4), seconds(2.2, 1.2, 4));
        assertEquals(1.2, figures.ratioOfMinima(Spent::seconds), 1e-12);
        assertEquals(1.1, figures.medianRatio(Spent::seconds), 1e-12);
        assertEquals(2.5, Alternation.median(List.of(4.0, 1.0, 2.0, 3.0)));
    }

    private static List<Spent> seconds(double... seconds) {
        return DoubleStream.of(seconds).mapToObj(time -> new Spent(time, 0)).toList();
    }
}
