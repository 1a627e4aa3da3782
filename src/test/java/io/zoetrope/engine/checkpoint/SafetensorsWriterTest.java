package io.zoetrope.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.engine.checkpoint.SafetensorsWriter.Layout;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A file is the same whether its tensors are there at once or are made one after the other.
class SafetensorsWriterTest {

    private static final Map<String, String> METADATA = Map.of("b", "2", "a", "1");

    @Test
    void tensorsMadeOneAfterTheOtherGiveTheSameFile() throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            Map<String, Tensor> tensors = Map.of(
                    "z.matrix", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).to(DataType.BFLOAT16),
                    "scalar", Tensor.scalar(7),
                    "empty", Tensor.zeros(DataType.FLOAT32, Device.CPU, 0, 4),
                    "a.turned", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).transpose(0, 1),
                    "large", Tensor.ones(DataType.FLOAT32, Device.CPU, 9_000_000));
            Map<String, Layout> layouts = Map.of(
                    "z.matrix", new Layout(DataType.BFLOAT16, 2, 3),
                    "scalar", new Layout(DataType.FLOAT32),
                    "empty", new Layout(DataType.FLOAT32, 0, 4),
                    "a.turned", new Layout(DataType.FLOAT32, 2, 2),
                    "large", new Layout(DataType.FLOAT32, 9_000_000));
            List<String> order = new ArrayList<>();
            ByteArrayOutputStream streamed = new ByteArrayOutputStream();
            SafetensorsWriter.write(streamed, layouts, METADATA, name -> {
                order.add(name);
                return tensors.get(name);
            });
            assertArrayEquals(SafetensorsWriter.toBytes(tensors, METADATA), streamed.toByteArray());
            assertEquals(List.of("a.turned", "empty", "large", "scalar", "z.matrix"), order);
        }
    }

    @Test
    void aTensorThatIsNotOfItsLayoutIsRefused() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, Layout> layouts = Map.of("a", new Layout(DataType.FLOAT32, 2));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.write(
                        out, layouts, Map.of(), _ -> Tensor.zeros(DataType.BFLOAT16, Device.CPU, 2)));
        assertEquals(
                "a is Layout[type=BFLOAT16, shape=[2]], expected Layout[type=FLOAT32, shape=[2]]",
                refused.getMessage());
    }
}
