package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
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
                    return order.size();
                },
                () -> {
                    order.add("with");
                    return order.size();
                });
        assertEquals(List.of("without", "with", "without", "with", "with", "without"), order);
        assertEquals(List.of(3.0, 6.0), figures.without());
        assertEquals(List.of(4.0, 5.0), figures.with());
    }

    @Test
    void ratiosAreOfTheShortestAndOfNeighbours() {
        Alternation figures = new Alternation(List.of(2.0, 1.0, 4.0), List.of(2.2, 1.2, 4.0));
        assertEquals(1.2, figures.ratioOfMinima(), 1e-12);
        assertEquals(1.1, figures.medianRatio(), 1e-12);
        assertEquals(2.5, Alternation.median(List.of(4.0, 1.0, 2.0, 3.0)));
    }
}
