package io.zoetrope.engine.audiovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoundLengthTest {

    private static final float[] VALUES = {1, 2, 3, 4, 5, 6}; // [1, 1, 3, 2]

    @Test
    void aLongLatentIsCut() {
        assertFitted(2, 1, 2, 3, 4);
    }

    @Test
    void aShortLatentEndsInZeros() {
        assertFitted(5, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0);
    }

    @Test
    void aLatentOfTheRightLengthStaysAsItIs() {
        assertFitted(3, VALUES);
    }

    @Test
    void noFramesAtAllAreRefused() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor latent = Tensor.of(VALUES, 1, 1, 3, 2);
            assertThrows(IllegalArgumentException.class, () -> SoundLength.fitted(latent, 0));
        }
    }

    @ParameterizedTest(name = "{0} samples at {1} Hz")
    @CsvSource({"242000, 48000", "80000, 16000", "220500, 44100", "1000000, 16000"})
    void aSoundThatReachesTheLastLatentFrameIsEnough(long samples, int rate) {
        assertDoesNotThrow(() -> SoundLength.requireEnough(config(), samples, rate, 126));
    }

    @ParameterizedTest(name = "{0} samples at {1} Hz")
    @CsvSource({"79999, 16000, 5.000", "51200, 16000, 3.200", "239997, 48000, 5.000", "0, 44100, 0.000"})
    void aShorterSoundIsRefusedWithBothDurations(long samples, int rate, String seconds) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> SoundLength.requireEnough(config(), samples, rate, 126));
        assertEquals(
                "sound of %s s, expected at least 5.000 s for 126 audio latent frames".formatted(seconds),
                refused.getMessage());
    }

    private static void assertFitted(long frames, float... expected) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor fitted = SoundLength.fitted(Tensor.of(VALUES, 1, 1, 3, 2), frames);
            assertArrayEquals(new long[] {1, 1, frames, 2}, fitted.shape());
            assertArrayEquals(expected, fitted.toFloatArray());
        }
    }

    private static AudioVaeConfig config() throws JsonProcessingException {
        return AudioVaeConfig.of(ConfigSection.of("audio_vae", new ObjectMapper().readTree("""
                {"model": {"params": {"ddconfig": {"mel_bins": 64}}}}""")));
    }
}
