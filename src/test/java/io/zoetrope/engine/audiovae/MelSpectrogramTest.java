package io.zoetrope.engine.audiovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MelSpectrogramTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/mel/stereo-16k.safetensors");

    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private MelSpectrogram mel;

    @BeforeEach
    void open() {
        golden = GoldenCase.open(GOLDEN, Device.CPU);
        scope = TensorScope.open();
        arena = new TensorArena();
        mel = MelSpectrogram.of(
                AudioVaeConfig.of(ConfigSection.of("audio_vae", golden.config().path("audio_vae"))), arena);
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
        golden.close();
    }

    @Test
    void theFiltersAreTheReferences() {
        double[] filters = Arrays.stream(MelFilters.of(513, 64, 16000))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        assertArrayEquals(golden.traces().get("mel_filterbank").toDoubleArray(), filters, 1e-6);
    }

    @ParameterizedTest(name = "{0} samples")
    @CsvSource({"513, 4", "639, 4", "640, 5", "16000, 101"})
    void aFrameBeginsEveryHop(long samples, long frames) {
        assertArrayEquals(
                new long[] {1, 2, frames, 64}, mel.of(silence(samples), 16000).shape());
    }

    @Test
    void silenceIsTheLogarithmOfTheSmallestMagnitude() {
        for (float value : mel.of(silence(800), 16000).toFloatArray()) {
            assertEquals(Math.log(1e-5), value, 1e-5);
        }
    }

    @Test
    void channelsAreNotMixed() {
        Tensor wave = golden.input("waveform");
        float[] expected = mel.of(wave, 16000).narrow(1, 0, 1).toFloatArray();
        Tensor other = Tensor.concatenate(1, wave.narrow(1, 0, 1), silence(8000).narrow(1, 0, 1));
        assertArrayEquals(expected, mel.of(other, 16000).narrow(1, 0, 1).toFloatArray(), 1e-5f);
    }

    @Test
    void theResultIsFloat32WhateverComesIn() {
        assertEquals(
                DataType.FLOAT32,
                mel.of(silence(800).to(DataType.BFLOAT16), 16000).type());
    }

    @ParameterizedTest(name = "{0} samples at {1} Hz")
    @CsvSource({"512, 16000, 512", "0, 16000, 0", "1536, 48000, 512", "0, 48000, 0"})
    void aWaveTooShortToReflectIsRefused(long samples, int rate, long resampled) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> mel.of(silence(samples), rate));
        assertEquals(
                "sound of %d samples at 16000 Hz, expected at least 513 (0.032 s)".formatted(resampled),
                refused.getMessage());
    }

    @Test
    void aWaveOfOneChannelIsRefused() {
        Tensor mono = silence(800).narrow(1, 0, 1);
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> mel.of(mono, 16000));
        assertEquals("waveform [1, 1, 800], expected [*, 2, *]", refused.getMessage());
    }

    @Test
    void nothingIsKeptButTheWindowAndTheFilters() {
        assertEquals(2, arena.size());
        LiveTensors.assertNoneLeft(() -> mel.of(golden.input("waveform"), 24000).close());
    }

    private static Tensor silence(long samples) {
        return Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 2, samples);
    }
}
