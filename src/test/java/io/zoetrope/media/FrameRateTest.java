package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameRateTest {

    @ParameterizedTest
    @CsvSource({
        "24, 24/1",
        "8, 8/1",
        "1, 1/1",
        "120, 120/1",
        "23.976, 24000/1001",
        "23.98, 24000/1001",
        "23.976023976, 24000/1001",
        "29.97, 30000/1001",
        "47.952, 48000/1001",
        "59.94, 60000/1001",
        "119.88, 120000/1001",
        "12.5, 25/2",
        "8.333, 8333/1000",
        "24.5, 49/2",
    })
    void decimalsStandForRatios(double hertz, String ratio) {
        FrameRate rate = FrameRate.of(hertz);
        assertEquals(ratio, rate.numerator() + "/" + rate.denominator());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -24, 0.99, 120.01, 1e9, Double.NaN, Double.POSITIVE_INFINITY})
    void ratesBeyondTheRangeAreRefused(double hertz) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> FrameRate.of(hertz));
        assertEquals("frame rate %s Hz, expected 1.0 to 120.0 Hz".formatted(hertz), refusal.getMessage());
    }

    @Test
    void durationIsFramesOverRate() {
        assertEquals(2.125, FrameRate.of(8).seconds(17));
        assertEquals(1.001, FrameRate.of(29.97).seconds(30), 1e-12);
    }

    @Test
    void ratiosAreReduced() {
        assertEquals(new FrameRate(25, 1), new FrameRate(50, 2));
        assertEquals("25", new FrameRate(50, 2).toString());
        assertThrows(IllegalArgumentException.class, () -> new FrameRate(0, 0));
    }
}
