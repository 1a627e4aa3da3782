package io.zoetrope.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CheckpointDescriptionTest {

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");
    private static final String BLOCKS = "model.diffusion_model.transformer_blocks.";

    @Test
    void blocksThatAreNotOnTheDeviceAreNotCounted() {
        ModelFiles files = ModelFiles.of(TINY);
        ModelDescription whole = CheckpointDescription.read("tiny", files, DataType.BFLOAT16);
        ModelDescription part = CheckpointDescription.read("tiny", files, DataType.BFLOAT16, 1);
        int blocks = whole.transformer().blocks();
        assertTrue(blocks > 1);
        long bytes;
        try (Checkpoint checkpoint = files.openCheckpoint()) {
            bytes = checkpoint.entries().entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(BLOCKS))
                    .mapToLong(entry -> 2 * entry.getValue().shape().stream().reduce(1L, (a, b) -> a * b))
                    .sum();
        }
        assertEquals(
                bytes * (blocks - 1) / blocks,
                whole.weights().denoise().minus(part.weights().denoise()).bytes());
        assertEquals(whole.weights().textEncode(), part.weights().textEncode());
        assertEquals(whole.weights().decode(), part.weights().decode());
        assertEquals(whole, CheckpointDescription.read("tiny", files, DataType.BFLOAT16, blocks));
    }
}
