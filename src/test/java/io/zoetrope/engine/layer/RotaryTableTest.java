package io.zoetrope.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Against the definition, one pair of numbers at a time; the golden cases know the split type only.
class RotaryTableTest {

    private static final int WIDTH = 16;
    private static final int HEADS = 2;
    private static final int AXES = 3; // 2 frequencies an axis, 6 of the 8 pairs: two are not turned
    private static final double THETA = 4; // small angles, so that float32 has digits to compare
    private static final double[] POSITION = {0.125, 0.5, 0.875};

    @ParameterizedTest
    @EnumSource
    void everyPairOfNumbersIsTurnedByItsAngle(RotaryTable.Type type) {
        try (TensorScope _ = TensorScope.open()) {
            float[] vector = new float[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                vector[i] = i - 5.5f;
            }
            Tensor positions = Tensor.of(POSITION, 1, AXES, 1).to(DataType.FLOAT32);
            RotaryTable table = RotaryTable.of(
                    new RotaryTable.Config(type, THETA, true), positions, WIDTH, HEADS, DataType.FLOAT32);
            Tensor turned = table.rotate(Tensor.of(vector, 1, 1, WIDTH)); // [1, N, 1, d]
            assertArrayEquals(new long[] {1, HEADS, 1, WIDTH / HEADS}, turned.shape());
            assertArrayEquals(turned(type, vector), turned.toFloatArray(), 1e-5f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTablesReadBackAreThoseThatWentIn(RotaryTable.Type type) {
        try (TensorScope _ = TensorScope.open()) {
            long[] shape = type == RotaryTable.Type.SPLIT ? new long[] {1, 2, 1, 2} : new long[] {1, 1, 4};
            Tensor cosine = Tensor.of(new float[] {1, 2, 3, 4}, shape);
            Tensor sine = Tensor.of(new float[] {5, 6, 7, 8}, shape);
            RotaryTable table = RotaryTable.of(type, 2, cosine, sine);
            assertArrayEquals(cosine.toFloatArray(), table.cosine().toFloatArray());
            assertArrayEquals(sine.toFloatArray(), table.sine().toFloatArray());
        }
    }

    private static float[] turned(RotaryTable.Type type, float[] vector) {
        int pairs = WIDTH / 2;
        int padding = pairs - WIDTH / (2 * AXES) * AXES;
        float[] turned = new float[WIDTH];
        for (int pair = 0; pair < pairs; pair++) {
            double angle = pair < padding ? 0 : angle(pair - padding);
            int headHalf = WIDTH / HEADS / 2;
            int first = switch (type) {
                case SPLIT -> pair / headHalf * 2 * headHalf + pair % headHalf;
                case INTERLEAVED -> 2 * pair;
            };
            int second = switch (type) {
                case SPLIT -> first + headHalf;
                case INTERLEAVED -> first + 1;
            };
            turned[first] = (float) (vector[first] * Math.cos(angle) - vector[second] * Math.sin(angle));
            turned[second] = (float) (vector[second] * Math.cos(angle) + vector[first] * Math.sin(angle));
        }
        return turned;
    }

    /// Frequencies are slow, axes are fast.
    private static double angle(int index) {
        int frequencies = WIDTH / (2 * AXES);
        assertEquals(2, frequencies);
        int frequency = index / AXES;
        double grid = Math.pow(THETA, frequency / (frequencies - 1.0)) * Math.PI / 2;
        return grid * (2 * POSITION[index % AXES] - 1);
    }
}
