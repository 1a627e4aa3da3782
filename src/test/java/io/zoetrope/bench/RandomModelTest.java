package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.FullSizeFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /// The text encoder's connectors share the transformer's prefix.
    @Test
    void thePublishedOneHasTheKeysAndShapesOfThePublishedTransformer() throws IOException {
        Map<String, SafetensorsWriter.Layout> published = new TreeMap<>();
        FullSizeFile.of("ltx-2.0.json").shapes().forEach((key, shape) -> {
            if (key.startsWith("model.diffusion_model.") && !key.contains("_embeddings_connector.")) {
                published.put(key, new SafetensorsWriter.Layout(DataType.BFLOAT16, shape));
            }
        });
        assertEquals(3510, published.size());
        assertEquals(published, RandomModel.of(Workload.PUBLISHED).layouts(DataType.BFLOAT16));
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
