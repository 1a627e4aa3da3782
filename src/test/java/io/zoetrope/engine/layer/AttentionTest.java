package io.zoetrope.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttentionTest {

    private static final int WIDTH = 12;
    private static final int HEADS = 3;

    @TempDir
    Path folder;

    private TensorScope scope;
    private TensorArena arena;
    private RandomStream random;
    private Attention attention;

    @BeforeEach
    void load() throws IOException {
        scope = TensorScope.open();
        arena = new TensorArena();
        random = RandomStream.seeded(1);
        Map<String, Tensor> tensors = new HashMap<>();
        for (String name : List.of("to_q", "to_k", "to_v", "to_out.0")) {
            tensors.put(name + ".weight", random.normal(DataType.FLOAT32, WIDTH, WIDTH));
            tensors.put(name + ".bias", random.normal(DataType.FLOAT32, WIDTH));
        }
        tensors.put("to_gate_logits.weight", random.normal(DataType.FLOAT32, HEADS, WIDTH));
        tensors.put("to_gate_logits.bias", random.normal(DataType.FLOAT32, HEADS));
        tensors.put("q_norm.weight", random.normal(DataType.FLOAT32, WIDTH));
        tensors.put("k_norm.weight", random.normal(DataType.FLOAT32, WIDTH));
        Path file = folder.resolve("attention.safetensors");
        Files.write(file, SafetensorsWriter.toBytes(tensors, Map.of()));
        Weights weights = Weights.of(arena.own(Checkpoint.open(List.of(file))), Device.CPU, DataType.FLOAT32, arena);
        attention = Attention.load(new Attention.Config(WIDTH, WIDTH, HEADS, WIDTH / HEADS, true, 1e-6), weights);
        weights.finish("attention");
        assertEquals(List.of(), weights.leftOver());
    }

    @AfterEach
    void close() {
        random.close();
        scope.close();
        arena.close();
    }

    @Test
    void aTokenAloneAttendsToItselfAsInAPerturbedPass() {
        Tensor token = random.normal(DataType.FLOAT32, 2, 1, WIDTH);
        assertClose(attention.forward(token, token, null, null), attention.passThrough(token));
    }

    @Test
    void perturbedSamplesPassThroughAndTheOthersDoNot() {
        Tensor hidden = random.normal(DataType.FLOAT32, 2, 5, WIDTH);
        Tensor keep = Tensor.of(new float[] {1, 0}, 2, 1, 1, 1);
        Tensor partly = attention.partlyPassThrough(hidden, null, null, keep);
        assertClose(attention.forward(hidden, hidden, null, null).narrow(0, 0, 1), partly.narrow(0, 0, 1));
        assertClose(attention.passThrough(hidden).narrow(0, 1, 1), partly.narrow(0, 1, 1));
    }

    @Test
    void bfloat16OnTheCpuIsFloat32RoundedOnce() {
        Tensor query = random.normal(DataType.BFLOAT16, 1, HEADS, 4, 8);
        Tensor key = random.normal(DataType.BFLOAT16, 1, HEADS, 6, 8);
        Tensor mask = random.normal(DataType.BFLOAT16, 1, 1, 4, 6);
        Tensor wide = ScaledDotProductAttention.attend(
                query.to(DataType.FLOAT32),
                key.to(DataType.FLOAT32),
                key.to(DataType.FLOAT32),
                mask.to(DataType.FLOAT32),
                0.5);
        Tensor narrow = ScaledDotProductAttention.attend(query, key, key, mask, 0.5);
        assertEquals(DataType.BFLOAT16, narrow.type());
        assertArrayEquals(wide.to(DataType.BFLOAT16).toFloatArray(), narrow.toFloatArray());
    }

    private static void assertClose(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-5f);
    }
}
