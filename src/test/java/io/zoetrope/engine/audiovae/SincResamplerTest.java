package io.zoetrope.engine.audiovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.audiovae.SincResampler.Edge;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SincResamplerTest {

    private static final float TOLERANCE = 2e-6f;

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest(name = "{0} Hz to {1} Hz, {2} samples, {3}")
    @CsvSource({
        "48000, 16000, 300, SILENCE",
        "44100, 16000, 1000, SILENCE",
        "8000, 16000, 41, SILENCE",
        "22050, 16000, 1, SILENCE",
        "16000, 48000, 50, LAST_SAMPLE",
        "16000, 48000, 50, SILENCE",
        "7, 5, 60, LAST_SAMPLE",
        "5, 7, 60, SILENCE",
        "16001, 16000, 40, SILENCE",
        "12000, 16000, 3, LAST_SAMPLE"
    })
    void everyResultIsTheSumOverItsNeighbours(int from, int to, int samples, Edge edge) {
        float[] wave = noise(samples);
        Tensor result =
                SincResampler.of(from, to, edge, DataType.FLOAT32, Device.CPU).forward(Tensor.of(wave, 1, 1, samples));
        int length = Math.ceilDiv(samples * to, from);
        assertArrayEquals(new long[] {1, 1, length}, result.shape());
        float[] expected = new float[length];
        for (int index = 0; index < length; index++) {
            expected[index] =
                    (float) interpolated(wave, index * (double) from / to, Math.min(1.0, (double) to / from), edge);
        }
        assertArrayEquals(expected, result.toFloatArray(), TOLERANCE);
    }

    @ParameterizedTest(name = "{0} Hz, {1} s")
    @CsvSource({"44100, 1", "48000, 8"}) // the latter is longer than what is computed at once
    void aToneKeepsItsPitchAndPlace(int rate, int seconds) {
        Tensor resampled = SincResampler.resample(tone(rate, seconds), rate, 16000);
        Tensor expected = tone(16000, seconds);
        long border = 200;
        long inner = 16000L * seconds - 2 * border;
        assertArrayEquals(
                expected.narrow(2, border, inner).toFloatArray(),
                resampled.narrow(2, border, inner).toFloatArray(),
                2e-3f); // the kernel's ripple
    }

    @Test
    void channelsAndBatchItemsStayApart() {
        Tensor wave = Tensor.of(noise(2 * 2 * 90), 2, 2, 90);
        Tensor together = SincResampler.resample(wave, 24000, 16000);
        for (int item = 0; item < 2; item++) {
            for (int channel = 0; channel < 2; channel++) {
                Tensor alone = SincResampler.resample(wave.narrow(0, item, 1).narrow(1, channel, 1), 24000, 16000);
                assertArrayEquals(
                        alone.toFloatArray(),
                        together.narrow(0, item, 1).narrow(1, channel, 1).toFloatArray(),
                        TOLERANCE);
            }
        }
    }

    @Test
    void whatIsBeyondTheEndsIsAsAsked() {
        Tensor constant = Tensor.ones(DataType.FLOAT32, Device.CPU, 1, 1, 20);
        float[] held = SincResampler.of(1, 3, Edge.LAST_SAMPLE, DataType.FLOAT32, Device.CPU)
                .forward(constant)
                .toFloatArray();
        float[] silent = SincResampler.of(1, 3, Edge.SILENCE, DataType.FLOAT32, Device.CPU)
                .forward(constant)
                .toFloatArray();
        assertEquals(1, held[0], 1e-3);
        assertEquals(1, held[59], 1e-3);
        assertTrue(Math.abs(silent[59] - 1) > 0.1, () -> "last sample " + silent[59]);
    }

    @Test
    void equalRatesNeedNoWork() {
        Tensor wave = Tensor.of(noise(10), 1, 1, 10);
        assertSame(wave, SincResampler.resample(wave, 16000, 16000));
    }

    @Test
    void ratesWithoutACommonDivisorNeedFewTaps() {
        SincResampler resampler = SincResampler.of(44101, 16000, Edge.SILENCE, DataType.FLOAT32, Device.CPU);
        assertArrayEquals(new long[] {16000, 35}, resampler.taps().shape());
    }

    @ParameterizedTest
    @CsvSource({"0, 16000, 0", "-48000, 16000, -48000", "16000, 768001, 768001"})
    void aRateThatNobodyHasIsRefused(int from, int to, int refusedRate) {
        Tensor wave = Tensor.of(noise(10), 1, 1, 10);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> SincResampler.resample(wave, from, to));
        assertEquals("sampling rate of %d Hz, expected 1 to 768000 Hz".formatted(refusedRate), refused.getMessage());
    }

    /// The value at a place between samples, under a low pass of `band` times the band of the samples.
    private static double interpolated(float[] wave, double place, double band, Edge edge) {
        double scale = 0.99 * band;
        int reach = (int) Math.ceil(6 / scale);
        double sum = 0;
        for (int index = (int) Math.floor(place) - reach; index <= (int) Math.ceil(place) + reach; index++) {
            double time = Math.clamp((index - place) * scale, -6, 6);
            double sinc = time == 0 ? 1 : Math.sin(Math.PI * time) / (Math.PI * time);
            double window = Math.cos(Math.PI * time / 12);
            sum += sample(wave, index, edge) * sinc * window * window * scale;
        }
        return sum;
    }

    private static double sample(float[] wave, int index, Edge edge) {
        boolean inside = index >= 0 && index < wave.length;
        return inside || edge == Edge.LAST_SAMPLE ? wave[Math.clamp(index, 0, wave.length - 1)] : 0;
    }

    private static Tensor tone(int rate, int seconds) {
        float[] samples = new float[rate * seconds];
        for (int index = 0; index < samples.length; index++) {
            samples[index] = (float) Math.sin(2 * Math.PI * 997 * index / rate);
        }
        return Tensor.of(samples, 1, 1, samples.length);
    }

    private static float[] noise(int count) {
        try (RandomStream random = RandomStream.seeded(5)) {
            return random.normal(DataType.FLOAT32, count).toFloatArray();
        }
    }
}
