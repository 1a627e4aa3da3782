package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A drawn model is a model: the engine takes it without a word.
class RandomModelTest {

    private static final RandomModel.Config SMALL = new RandomModel.Config(1, 2, 8, 4, 2, 24);

    @TempDir
    Path folder;

    @Test
    void theEngineTakesItAndKnowsThePublishedShapeOfLatents() throws IOException {
        Path file = folder.resolve("random.safetensors");
        RandomModel.write(file, SMALL);
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file));
                Denoiser denoiser = Denoiser.load(checkpoint, Device.CPU, DataType.FLOAT32)) {
            assertEquals(new VideoShape(128, 16, 16, 24), denoiser.shape().video(121, 512, 768));
            assertEquals(128, denoiser.shape().audio(121, 24).width());
        }
    }

    @Test
    void theSameConfigurationGivesTheSameFile() throws IOException {
        RandomModel.write(folder.resolve("one"), SMALL);
        RandomModel.write(folder.resolve("two"), SMALL);
        RandomModel.write(folder.resolve("other"), new RandomModel.Config(2, 2, 8, 4, 2, 24));
        assertEquals(-1, Files.mismatch(folder.resolve("one"), folder.resolve("two")));
        assertTrue(Files.mismatch(folder.resolve("one"), folder.resolve("other")) >= 0);
    }
}
