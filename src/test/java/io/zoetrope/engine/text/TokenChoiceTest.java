package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.text.TokenChoice.Likely;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenChoiceTest {

    private static final float[] SCORES = {1.5f, -2, 3, 0.5f, 3, 2.5f};
    private static final int DRAWS = 40_000;

    @Test
    void greedyTakesTheFirstOfTheBest() {
        TokenChoice greedy = TokenChoice.of(Decoding.greedy(), Likely.ALL);
        assertEquals(2, greedy.choose(SCORES));
        assertEquals(1, greedy.choose(Float.NEGATIVE_INFINITY, 0));
        assertEquals(0, greedy.choose(-7, -8));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.7, 1, 2})
    void tokensAreDrawnAsOftenAsTheSoftmaxOfTheirScoresSays(double temperature) {
        double[] expected = Arrays.stream(new double[] {1.5, -2, 3, 0.5, 3, 2.5})
                .map(score -> Math.exp(score / temperature))
                .toArray();
        double total = Arrays.stream(expected).sum();
        double[] found = frequencies(new Decoding.Sampled(temperature, 11), Likely.ALL);
        for (int token = 0; token < expected.length; token++) {
            assertEquals(expected[token] / total, found[token], 0.012, "token " + token);
        }
    }

    @Test
    void onlyTheMostLikelyAreDrawnIfTheModelSaysSo() {
        double[] three = frequencies(new Decoding.Sampled(1, 3), new Likely(3, 1));
        assertArrayEquals(new double[] {0, 0, 0.384, 0, 0.384, 0.233}, three, 0.012);
        double[] one = frequencies(new Decoding.Sampled(1, 3), new Likely(1, 1));
        assertArrayEquals(new double[] {0, 0, 1, 0, 0, 0}, one);
    }

    /// The two best have 0.685 together at temperature 1, with the third 0.893.
    @Test
    void onlyAsManyAreDrawnAsHaveTheProbabilityThatTheModelSays() {
        assertEquals(2, drawn(frequencies(new Decoding.Sampled(1, 3), new Likely(6, 0.68))));
        assertEquals(3, drawn(frequencies(new Decoding.Sampled(1, 3), new Likely(6, 0.69))));
        assertEquals(1, drawn(frequencies(new Decoding.Sampled(1, 3), new Likely(6, 1e-9))));
        // Of the three best alone, two have 0.767.
        assertEquals(2, drawn(frequencies(new Decoding.Sampled(1, 3), new Likely(3, 0.76))));
    }

    @Test
    void theSameSeedDrawsTheSameAndNeighboursDoNot() {
        List<List<Integer>> texts = IntStream.range(-3, 3)
                .mapToObj(seed -> draw(Decoding.sampled(seed), 60))
                .toList();
        assertEquals(6, texts.stream().distinct().count());
        assertEquals(texts.getFirst(), draw(Decoding.sampled(-3), 60));
        assertTrue(texts.stream().map(List::getFirst).distinct().count() > 1, "all begin alike");
    }

    @Test
    void whatIsNoNumberIsRefused() {
        for (Decoding decoding : List.of(Decoding.greedy(), Decoding.sampled(1))) {
            TokenChoice choice = TokenChoice.of(decoding, new Likely(2, 0.9));
            assertThrows(ArithmeticException.class, () -> choice.choose(1, 2, 3, Float.NaN));
        }
    }

    @Test
    void impossibleSettingsAreRefused() {
        for (double temperature : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Decoding.Sampled(temperature, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> new Likely(0, 1));
        for (double probability : new double[] {0, 1.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new Likely(1, probability));
        }
        assertFalse(Likely.ALL.count() < 262_208);
    }

    private static List<Integer> draw(Decoding decoding, int count) {
        TokenChoice choice = TokenChoice.of(decoding, Likely.ALL);
        return IntStream.range(0, count).mapToObj(_ -> choice.choose(SCORES)).toList();
    }

    private static double[] frequencies(Decoding decoding, Likely likely) {
        TokenChoice choice = TokenChoice.of(decoding, likely);
        double[] frequencies = new double[SCORES.length];
        for (int draw = 0; draw < DRAWS; draw++) {
            frequencies[choice.choose(SCORES)] += 1.0 / DRAWS;
        }
        return Arrays.stream(frequencies).map(it -> Math.round(it * 1e6) / 1e6).toArray();
    }

    private static long drawn(double... frequencies) {
        return Arrays.stream(frequencies).filter(it -> it > 0).count();
    }
}
