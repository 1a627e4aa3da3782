package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The kernel of LibTorch, here the one of the CPU, against the formula that it stands for.
class ScaledProductTest {

    private static final int IN = 32;
    private static final int OUT = 48;

    private TensorScope scope;
    private Tensor rows; // [2, 3, IN]
    private Tensor weight; // [OUT, IN]
    private Tensor bias;

    @BeforeEach
    void draw() {
        scope = TensorScope.open();
        try (RandomStream random = RandomStream.seeded(3)) {
            rows = random.normal(DataType.FLOAT32, 2, 3, IN).times(20).to(DataType.FLOAT8_E4M3);
            weight = random.normal(DataType.FLOAT32, OUT, IN).times(30).to(DataType.FLOAT8_E4M3);
            bias = random.normal(DataType.FLOAT32, OUT);
        }
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /// With scales that are powers of two nothing depends on the order of the factors, only on that of the
    /// sums.
    @ParameterizedTest
    @CsvSource({"FLOAT32, 0.0625, 0.25, 0", "BFLOAT16, 0.0625, 0.25, 0", "FLOAT32, 0.037, 0.0123, 2e-6"})
    void itIsTheFormula(DataType type, double rowScale, double weightScale, double tolerance) {
        Tensor typedBias = bias.to(type);
        Tensor found = ScaledProduct.product(
                rows, weight, Tensor.scalar(rowScale), Tensor.scalar(weightScale), typedBias, type);
        Tensor expected = formula(Tensor.scalar(rowScale), Tensor.scalar(weightScale), typedBias.to(DataType.FLOAT32))
                .to(type);
        assertEquals(type, found.type());
        assertArrayEquals(new long[] {2, 3, OUT}, found.shape());
        double greatest =
                expected.to(DataType.FLOAT32).absolute().maximum(0, 1, 2).item();
        assertArrayEquals(expected.toDoubleArray(), found.toDoubleArray(), tolerance * greatest);
    }

    @Test
    void thereNeedNotBeABias() {
        Tensor one = Tensor.scalar(1);
        Tensor found = ScaledProduct.product(rows, weight, one, one, null, DataType.FLOAT32);
        assertArrayEquals(
                formula(one, one, Tensor.zeros(DataType.FLOAT32, Device.CPU, OUT))
                        .toFloatArray(),
                found.toFloatArray());
    }

    @Test
    void theCpuExpandsInstead() {
        assertFalse(ScaledProduct.takes(weight));
    }

    private Tensor formula(Tensor rowScale, Tensor weightScale, Tensor addend) {
        return rows.to(DataType.FLOAT32)
                .linear(weight.to(DataType.FLOAT32), null)
                .times(rowScale)
                .times(weightScale)
                .plus(addend);
    }
}
