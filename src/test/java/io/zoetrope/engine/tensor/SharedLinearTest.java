package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A product that threads share is the product.
class SharedLinearTest {

    private int threads;
    private int ofLibrary; // not the same before anybody has set it

    @BeforeEach
    void useTwoThreads() {
        threads = Device.threads();
        ofLibrary = torch.get_num_threads();
        Device.useThreads(2);
    }

    @AfterEach
    void useAsManyAsBefore() {
        Device.useThreads(threads);
        torch.set_num_threads(ofLibrary);
    }

    @ParameterizedTest
    @CsvSource({"1, 320, 96, 64, true", "2, 200, 128, 384, true", "3, 171, 40, 24, false", "1, 4, 16, 8, true"})
    void itIsThatOfDoublePrecisionButForTheLastBits(int batch, int rows, int in, int out, boolean withBias) {
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(9)) {
            Tensor input = random.normal(DataType.FLOAT32, batch, in, rows).transpose(1, 2); // rows are not together
            Tensor weight = random.normal(DataType.FLOAT32, out, in);
            Tensor bias = withBias ? random.normal(DataType.FLOAT32, out) : null;
            Tensor product = input.linear(weight, bias);
            Tensor exact = input.to(DataType.FLOAT64)
                    .linear(weight.to(DataType.FLOAT64), bias == null ? null : bias.to(DataType.FLOAT64));
            assertArrayEquals(new long[] {batch, rows, out}, product.shape());
            Tensor difference = product.to(DataType.FLOAT64).minus(exact).absolute();
            assertEquals(0, difference.maximum(0, 1, 2).item(), 4e-5);
        }
    }
}
