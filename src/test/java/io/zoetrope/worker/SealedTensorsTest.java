package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SealedTensorsTest {

    private static final String PLAN = "0123456789abcdef";

    @Test
    void whatWasWrittenIsReadAndTheSameTensorsGiveTheSameBytes() {
        byte[] content = sealed();
        assertArrayEquals(content, sealed());
        byte[] copy = content.clone();
        try (TensorScope _ = TensorScope.open();
                var file = SealedTensors.open("file", content, PLAN)) {
            assertEquals("5", file.metadata().get("step"));
            assertEquals(2 * 3 * 4, file.tensor("latents").count());
            assertArrayEquals(copy, content, "checking leaves the content as it was");
        }
    }

    @Test
    void partsGiveTheSameBytesWithoutCopyingTheTensors() {
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            Tensor latents = random.normal(DataType.FLOAT32, 2, 3, 4);
            List<ByteBuffer> parts = SealedTensors.parts(Map.of("latents", latents), Map.of("step", "5"), PLAN);
            byte[] content = sealed();
            ByteBuffer whole = ByteBuffer.allocate(content.length);
            parts.forEach(part -> whole.put(part.duplicate()));
            assertArrayEquals(content, whole.array());
            assertEquals(latents.memory(), MemorySegment.ofBuffer(parts.getLast()));
        }
    }

    @Test
    void anyDamageIsNoticed() {
        byte[] content = sealed();
        Random random = new Random(5);
        for (int number = 0; number < 400; number++) {
            byte[] damaged = content.clone();
            int place = number < content.length ? number : random.nextInt(content.length);
            damaged[place] ^= (byte) (1 << random.nextInt(8));
            untrusted(damaged, PLAN);
        }
        for (int length : new int[] {0, 1, 7, 8, 100, content.length - 1}) {
            untrusted(Arrays.copyOf(content, length), PLAN);
            untrusted(
                    Arrays.copyOf(Arrays.copyOf(content, length), content.length),
                    PLAN); // as a loss of power leaves it
        }
    }

    @Test
    void whatWasMadeForAnotherPlanIsNotTrusted() {
        var untrusted = untrusted(sealed(), "fedcba9876543210");
        assertTrue(untrusted.getMessage().contains(PLAN), untrusted.getMessage());
    }

    private static SealedTensors.UntrustedException untrusted(byte[] content, String plan) {
        return assertThrows(SealedTensors.UntrustedException.class, () -> SealedTensors.open("file", content, plan));
    }

    private static byte[] sealed() {
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            Tensor latents = random.normal(DataType.FLOAT32, 2, 3, 4);
            return SealedTensors.write(Map.of("latents", latents), Map.of("step", "5"), PLAN);
        }
    }
}
