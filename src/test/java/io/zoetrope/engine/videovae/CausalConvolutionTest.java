package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The convolution against the sum that defines it, element by element.
class CausalConvolutionTest {

    private static final int BATCH = 2;
    private static final int IN = 3;
    private static final int OUT = 4;
    private static final int FRAMES = 5;
    private static final int HEIGHT = 3;
    private static final int WIDTH = 2;
    private static final int KERNEL = 3;
    private static final float TOLERANCE = 2e-5f;

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}, causal {1}, windows of {2} frames")
    @CsvSource({
        "ZEROS, false, 5", "ZEROS, false, 2", "ZEROS, false, 1", "ZEROS, true, 5", "ZEROS, true, 1",
        "REFLECT, false, 5", "REFLECT, false, 2", "REFLECT, true, 1", "REPLICATE, false, 5", "REPLICATE, true, 2",
        "CIRCULAR, false, 1", "CIRCULAR, true, 5"
    })
    void itIsTheSumOverItsNeighbours(SpatialPadding padding, boolean causal, int window) throws IOException {
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena();
                RandomStream random = RandomStream.seeded(11)) {
            Tensor weight = random.normal(DataType.FLOAT32, OUT, IN, KERNEL, KERNEL, KERNEL);
            Tensor bias = random.normal(DataType.FLOAT32, OUT);
            Tensor hidden = random.normal(DataType.FLOAT32, BATCH, IN, FRAMES, HEIGHT, WIDTH);
            Path file = folder.resolve("convolution.safetensors");
            Files.write(file, SafetensorsWriter.toBytes(Map.of("conv.weight", weight, "conv.bias", bias), Map.of()));
            Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(file)));
            CausalConvolution convolution = CausalConvolution.load(
                    IN, OUT, new Borders(causal, padding), Weights.of(checkpoint, Device.CPU, DataType.FLOAT32, arena));
            Tensor result = convolution.forward(hidden, Tensor::silu, new TimeWindows(1, window));
            assertArrayEquals(
                    sums(silu(hidden.toFloatArray()), weight.toFloatArray(), bias.toFloatArray(), padding, causal),
                    result.toFloatArray(),
                    TOLERANCE);
            assertArrayEquals(
                    convolution
                            .forward(hidden, tensor -> tensor, TimeWindows.DEFAULT)
                            .slice(2, 0, FRAMES, 2)
                            .slice(3, 0, HEIGHT, 2)
                            .slice(4, 0, WIDTH, 2)
                            .toFloatArray(),
                    convolution.stepping(hidden, 2, 2).toFloatArray(),
                    TOLERANCE);
        }
    }

    private static float[] sums(float[] hidden, float[] weight, float[] bias, SpatialPadding padding, boolean causal) {
        float[] sums = new float[BATCH * OUT * FRAMES * HEIGHT * WIDTH];
        int next = 0;
        for (int batch = 0; batch < BATCH; batch++) {
            for (int out = 0; out < OUT; out++) {
                for (int frame = 0; frame < FRAMES; frame++) {
                    for (int row = 0; row < HEIGHT; row++) {
                        for (int column = 0; column < WIDTH; column++) {
                            double sum = bias[out];
                            for (int in = 0; in < IN; in++) {
                                for (int tap = 0; tap < KERNEL * KERNEL * KERNEL; tap++) {
                                    int time = frame + tap / (KERNEL * KERNEL) - (causal ? KERNEL - 1 : 1);
                                    int y = place(row + tap / KERNEL % KERNEL - 1, HEIGHT, padding);
                                    int x = place(column + tap % KERNEL - 1, WIDTH, padding);
                                    if (y >= 0 && x >= 0) {
                                        int source = Math.clamp(time, 0, FRAMES - 1);
                                        int channel = (batch * IN + in) * FRAMES + source;
                                        sum += (double) weight[(out * IN + in) * KERNEL * KERNEL * KERNEL + tap]
                                                * hidden[(channel * HEIGHT + y) * WIDTH + x];
                                    }
                                }
                            }
                            sums[next++] = (float) sum;
                        }
                    }
                }
            }
        }
        return sums;
    }

    /// Where the padding finds the value of a position that may lie one beyond the border; -1 for a zero.
    private static int place(int position, int length, SpatialPadding padding) {
        if (position >= 0 && position < length) {
            return position;
        }
        return switch (padding) {
            case ZEROS -> -1;
            case REFLECT -> position < 0 ? -position : 2 * (length - 1) - position;
            case REPLICATE -> Math.clamp(position, 0, length - 1);
            case CIRCULAR -> Math.floorMod(position, length);
        };
    }

    private static float[] silu(float[] values) {
        float[] activated = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            activated[i] = (float) (values[i] / (1 + Math.exp(-values[i])));
        }
        return activated;
    }
}
