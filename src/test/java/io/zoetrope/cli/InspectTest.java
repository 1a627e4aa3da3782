package io.zoetrope.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.DiffusersCopy;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What `inspect` tells of each kind of file and folder.
class InspectTest {

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void aModelInDiffusersLayoutHasTheMemoryOfTheOfficialOne() throws IOException {
        Path official = TINY.resolve("official");
        DiffusersCopy.write(
                official.resolve("tiny.safetensors"), TINY.resolve("diffusers"), official.resolve("gemma"), folder);
        JsonNode one = inspect(official);
        JsonNode other = inspect(folder);
        assertEquals("2.0-diffusers", other.path("version").asText());
        assertEquals(one.path("parameters"), other.path("parameters"));
        assertEquals(one.path("components"), other.path("components"));
        assertTrue(one.path("memory").path("denoise").path("weights").asLong() > 0, one.toString());
        assertEquals(one.path("memory"), other.path("memory"));
    }

    @Test
    void onlyWeightsOfTheFilesTypeStayInIt() throws IOException {
        String model = TINY.resolve("official").toString();
        JsonNode same = JSON.readTree(run("inspect", "--json", "--precision", "bfloat16", model));
        JsonNode other = JSON.readTree(run("inspect", "--json", "--precision", "float32", model));
        assertTrue(same.at("/memory/denoise/weights").asLong() > 0, same.toString());
        assertEquals(same.at("/memory/denoise/weights"), same.at("/memory/denoise/mapped"));
        assertEquals(0, same.at("/memory/decode/mapped").asLong(-1));
        assertEquals(0, other.at("/memory/denoise/mapped").asLong(-1));
    }

    @Test
    void anUpsamplerALoraAndATextModelAreToldApart() throws IOException {
        Path upsampler = save(Map.of("initial_conv.weight", 8L), Map.of("config", "{\"mid_channels\": 32}"));
        assertEquals("latent upsampler", inspect(upsampler).path("kind").asText());
        assertEquals(32, inspect(upsampler).at("/config/mid_channels").asInt());
        JsonNode lora = inspect(save(
                Map.of("diffusion_model.a.lora_A.weight", 4L, "diffusion_model.a.lora_B.weight", 8L),
                Map.of("reference_downscale_factor", "2")));
        assertEquals("LoRA", lora.path("kind").asText());
        assertEquals("[4]", lora.path("ranks").toString());
        assertEquals("2", lora.at("/metadata/reference_downscale_factor").asText());
        JsonNode text = inspect(TINY.resolve("official/gemma"));
        assertEquals("text model", text.path("kind").asText());
        assertEquals(48, text.at("/config/width").asInt());
    }

    @Test
    void whatVersion25NeedsIsSaidAndNoMemoryPromised() throws IOException {
        Path file = save(
                Map.of(
                        "model.diffusion_model.keyframes_abs_pos_embedding",
                        8L,
                        "model.diffusion_model.a.weight_scale_2",
                        1L),
                Map.of(
                        "config",
                        "{\"transformer\": {\"ff_bias\": false}, \"vae\": {\"_class_name\": \"CausalDiffusionVAE\"}}",
                        "model_version",
                        "2.5.0"));
        JsonNode report = inspect(file);
        assertEquals(
                List.of(
                        "needs 2.5 support: diffusion decoder (CausalDiffusionVAE), Gemma 4, keyframe marker",
                        "needs quantised weights: NVFP4 (1 weights)"),
                StreamSupport.stream(report.path("needs").spliterator(), false)
                        .map(JsonNode::asText)
                        .toList());
        assertTrue(report.path("memory").isMissingNode());
        assertTrue(report.path("missing").toString().contains("vocoder."), report.toString());
        assertTrue(run("inspect", file.toString()).contains("needs 2.5 support: diffusion decoder"));
    }

    @Test
    void aFourthGemmaIsNamed() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gemma4_unified\"}");
        assertEquals(
                "[\"needs 2.5 support: Gemma 4 (gemma4_unified)\"]",
                inspect(folder).path("needs").toString());
    }

    /// @param tensors names and the length of their first axis
    private Path save(Map<String, Long> tensors, Map<String, String> metadata) throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            Map<String, Tensor> made = new java.util.TreeMap<>();
            tensors.forEach((name, length) -> made.put(name, Tensor.zeros(DataType.BFLOAT16, Device.CPU, length, 8)));
            return Files.write(folder.resolve("file.safetensors"), SafetensorsWriter.toBytes(made, metadata));
        }
    }

    private static JsonNode inspect(Path path) throws IOException {
        return JSON.readTree(run("inspect", "--json", path.toString()));
    }

    private static String run(String... arguments) {
        StringWriter printed = new StringWriter();
        int code = new CommandLine(new Zoetrope())
                .setOut(new PrintWriter(printed, true))
                .execute(arguments);
        assertEquals(0, code, printed.toString());
        return printed.toString();
    }
}
