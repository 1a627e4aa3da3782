package io.zoetrope.engine.latent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatentShapeTest {

    @Test
    void tokensGoBackToTheGridTheyCameFrom() {
        try (TensorScope _ = TensorScope.open()) {
            VideoShape video = new VideoShape(5, 3, 2, 4);
            Tensor picture = Tensor.range(2 * 5 * 24, DataType.FLOAT32).view(2, 5, 3, 2, 4);
            assertArrayEquals(
                    picture.toFloatArray(),
                    video.unpatchify(video.patchify(picture)).toFloatArray());
            AudioShape audio = new AudioShape(2, 7, 3);
            Tensor sound = Tensor.range(2 * 42, DataType.FLOAT32).view(2, 2, 7, 3);
            assertArrayEquals(
                    sound.toFloatArray(),
                    audio.unpatchify(audio.patchify(sound)).toFloatArray());
        }
    }

    @ParameterizedTest(name = "{0} frames at {1} Hz")
    @CsvSource({"121, 24, 126", "17, 24, 18", "9, 25, 9", "3, 50, 2", "5, 50, 2"})
    void theSoundLastsAsLongAsThePictureHalvesToEven(int frames, double fps, int expected) {
        assertEquals(
                expected,
                AudioShape.of(8, 16, frames, fps, LatentScale.STANDARD).frames());
    }

    @ParameterizedTest(name = "{0} frames of {1} x {2}")
    @CsvSource(delimiter = '|', textBlock = """
            20 | 64 | 64 | 20 frames, expected 1 + a multiple of 8: 17 or 25
            2  | 64 | 64 | 2 frames, expected 1 + a multiple of 8: 1 or 9
            0  | 64 | 64 | 0 frames, expected 1 + a multiple of 8: 1
            17 | 60 | 64 | 60 x 64 pixels, expected multiples of 32
            17 | 64 | 0  | 64 x 0 pixels, expected multiples of 32
            """)
    void sizesThatHaveNoLatentAreRefused(int frames, int width, int height, String reason) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> VideoShape.of(128, frames, height, width, LatentScale.STANDARD));
        assertTrue(refused.getMessage().endsWith(reason), refused.getMessage());
    }

    @Test
    void aClipTooShortForASingleLatentFrameOfSoundIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> AudioShape.of(8, 16, 1, 120, LatentScale.STANDARD));
    }
}
