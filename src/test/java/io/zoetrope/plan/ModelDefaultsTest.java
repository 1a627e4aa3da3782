package io.zoetrope.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Schedule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDefaultsTest {

    @Test
    void readsTheFileBesideAModel() throws IOException {
        ModelDefaults defaults = ModelDefaults.of(Path.of("models/demo/ltx2-demo.safetensors"), "2.0.0-demo");
        StreamGuidance two = new StreamGuidance(2, 0, List.of(), 0, 1, 0);
        assertEquals(
                new ModelDefaults(
                        96,
                        96,
                        17,
                        8,
                        10,
                        Pipeline.ONE_STAGE,
                        Sampler.EULER,
                        Schedule.SHIFTED,
                        new Guidance(two, two),
                        "",
                        Optional.empty()),
                defaults);
        assertEquals(defaults, ModelDefaults.of(Path.of("models/demo"), "2.0.0-demo"));
    }

    @ParameterizedTest
    @CsvSource({
        "2.0, 40, 29",
        "2.3, 30, 28",
        "2.3-rc1, 30, 28",
        "2.3.1-dev, 30, 28",
        "2.4, 30, 28",
        "3, 30, 28",
        "2.10, 30, 28",
        "2, 40, 29",
        "2.x, 40, 29",
        "dev-2.3, 40, 29",
        "'', 40, 29",
        "2-3, 30, 28"
    })
    void publishedModelsHavePresets(String version, int steps, int block) {
        ModelDefaults preset = ModelDefaults.preset(version);
        assertEquals(
                List.of(768, 512, 121, steps),
                List.of(preset.width(), preset.height(), preset.frames(), preset.steps()));
        assertEquals(
                new StreamGuidance(3, 1, List.of(block), 0.7, 3, 0),
                preset.guidance().video());
        assertEquals(
                new StreamGuidance(7, 1, List.of(block), 0.7, 3, 0),
                preset.guidance().audio());
        assertTrue(preset.negativePrompt().contains("flicker"));
    }

    @Test
    void modelsWithoutFileGetThePresetOfTheirVersion(@TempDir Path folder) throws IOException {
        Path model = Files.createFile(folder.resolve("model.safetensors"));
        assertEquals(ModelDefaults.preset("2.3"), ModelDefaults.of(model, "2.3"));
    }

    @Test
    void listsAllThatIsWrongAndWhere(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve(ModelDefaults.FILE_NAME),
                "{\"width\":100,\"heigth\":96,\"frames\":17,\"fps\":0,\"steps\":10,\"pipeline\":\"one-stage\",\"guidance\":{\"video\":{\"stg\":1}}}");
        String message = assertThrows(IllegalArgumentException.class, () -> ModelDefaults.of(folder, "2.0"))
                .getMessage();
        for (String part : List.of("defaults.json", "width", "heigth", "height", "fps", "guidance.video.blocks")) {
            assertTrue(message.contains(part), message);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> ModelDefaults.parse("nothing".getBytes(StandardCharsets.UTF_8), "test"));
    }
}
