package io.zoetrope.engine.conditioning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PicturesTest {

    static List<Path> cases() {
        return GoldenFiles.of("image-preprocess");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void picturesArePreparedAsTheReferenceDoes(Path golden) {
        GoldenFiles.assertPasses(golden);
    }

    @Test
    void levelsFillTheRangeAndFramesKeepTheirOrder() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor dark = Tensor.full(0, DataType.UINT8, Device.CPU, 1, 8, 8, 3);
            Tensor bright = Tensor.full(255, DataType.UINT8, Device.CPU, 1, 8, 8, 3);
            Tensor fitted = Pictures.fit(Tensor.concatenate(0, dark, bright), 4, 6);
            assertArrayEquals(new long[] {1, 3, 2, 4, 6}, fitted.shape());
            assertEquals(-1, fitted.select(2, 0).maximum(0, 1, 2, 3).item(), 1e-6);
            assertEquals(1, fitted.select(2, 1).minimum(0, 1, 2, 3).item(), 1e-6);
        }
    }

    @Test
    void whatIsNoPictureIsRefused() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor floats = Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 8, 8, 3);
            assertRefused(floats, 8, 8, "UINT8");
            assertRefused(Tensor.zeros(DataType.UINT8, Device.CPU, 8, 8, 3), 8, 8, "[*, *, *, 3]");
            assertRefused(Tensor.zeros(DataType.UINT8, Device.CPU, 0, 8, 8, 3), 8, 8, "[0, 8, 8, 3]");
            assertRefused(Tensor.zeros(DataType.UINT8, Device.CPU, 1, 8, 8, 3), 0, 8, "8x0");
        }
    }

    private static void assertRefused(Tensor frames, int height, int width, String part) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Pictures.fit(frames, height, width));
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
