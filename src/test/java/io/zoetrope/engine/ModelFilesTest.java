package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same model in one file, split by network, in shards; and what else lies in its folder.
class ModelFilesTest {

    private static final Path OFFICIAL = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");
    private static final Path SINGLE = OFFICIAL.resolve("tiny.safetensors");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Predicate<String> ALL = _ -> true;
    private static final UnaryOperator<String> SAME = name -> name;

    @TempDir
    Path folder;

    @Test
    void aModelSplitByNetworkIsTheModelOfOneFile() throws IOException {
        Files.createSymbolicLink(
                folder.resolve("gemma"), OFFICIAL.resolve("gemma").toAbsolutePath());
        write("diffusion_models/a.safetensors", under("model.diffusion_model."), SAME, official());
        write("text_encoders/b.safetensors", under("text_embedding_projection."), SAME, Map.of());
        write("vae/c.safetensors", under("vae."), name -> name.substring("vae.".length()), Map.of());
        write("vae/d.safetensors", under("audio_vae.").or(under("vocoder.")), SAME, Map.of());
        assertSameCheckpoint();
        DiffusersFolderTest.assertSameRun(OFFICIAL, folder);
    }

    @Test
    void eachNetworksConfigurationComesFromTheFileWithItsWeights() throws IOException {
        write("a.safetensors", under("vae.").negate(), SAME, Map.of("config", config("vae", "patch_size", 2)));
        write("b.safetensors", under("vae."), SAME, Map.of("config", config("transformer", "num_layers", 99)));
        try (Checkpoint opened = ModelFiles.of(folder).openCheckpoint()) {
            assertEquals(4, opened.config().at("/vae/patch_size").asInt());
            assertEquals(3, opened.config().at("/transformer/num_layers").asInt());
        }
    }

    @Test
    void aVideoAutoencoderOfItsOwnTakesThePlaceOfTheOneInside() throws IOException {
        write("a.safetensors", ALL, SAME, official());
        String bias = "vae.decoder.conv_in.conv.bias";
        try (TensorScope _ = TensorScope.open()) {
            save(
                    folder.resolve("b.safetensors"),
                    Map.of("decoder.conv_in.conv.bias", Tensor.of(new float[] {5, 6}, 2)),
                    Map.of("config", config("vae", "patch_size", 2)));
        }
        try (TensorScope _ = TensorScope.open();
                Checkpoint opened = ModelFiles.of(folder).openCheckpoint()) {
            assertArrayEquals(new float[] {5, 6}, opened.tensor(bias).toFloatArray());
            assertEquals(
                    Set.of(bias),
                    opened.entries().keySet().stream().filter(under("vae.")).collect(Collectors.toSet()));
            assertEquals(2, opened.config().at("/vae/patch_size").asInt());
            assertEquals("2.0.0", opened.metadata().get("model_version"));
        }
    }

    @Test
    void twoFilesWithTheSameNetworkAreRefusedByTheNetworksName() throws IOException {
        write("a.safetensors", ALL, SAME, official());
        write("b.safetensors", under("audio_vae.").or(under("vocoder.")), SAME, official());
        assertEquals(
                List.of(
                        "audio autoencoder is in both a.safetensors and b.safetensors",
                        "vocoder is in both a.safetensors and b.safetensors"),
                problemsOfOpening());
    }

    @Test
    void shardsAreOneModelWithAndWithoutTheirList() throws IOException {
        List<Path> shards = writeShards();
        assertSameCheckpoint();
        writeIndex(shards, SAME);
        assertSameCheckpoint();
    }

    @Test
    void absentShardsAreNamed() throws IOException {
        List<Path> shards = writeShards();
        Files.delete(shards.get(1));
        assertEquals(List.of("has no tiny-00002-of-00003.safetensors"), problemsOfFinding());
    }

    @Test
    void aListOfShardsIsCheckedAgainstThemAndStaysInItsFolder() throws IOException {
        List<Path> shards = writeShards();
        writeIndex(shards, file -> file.equals("tiny-00001-of-00003.safetensors") ? "../" + file : file);
        assertEquals(
                List.of("tiny.safetensors.index.json names '../tiny-00001-of-00003.safetensors', "
                        + "expected a safetensors file of the same folder"),
                problemsOfFinding());
        writeIndex(shards, file -> file.replace("00001-of", "00009-of"));
        assertEquals(
                List.of("has no tiny-00009-of-00003.safetensors, which tiny.safetensors.index.json names"),
                problemsOfFinding());
        writeIndex(shards, _ -> "tiny-00001-of-00003.safetensors");
        assertTrue(
                problemsOfFinding().getFirst().contains("lacks"),
                problemsOfFinding().toString());
    }

    @Test
    void filesOfOtherPurposesAreToldByWhatIsInThemNotByTheirNames() throws IOException {
        Files.copy(SINGLE, folder.resolve("upscaler-lora.safetensors"));
        try (TensorScope _ = TensorScope.open()) {
            Tensor any = Tensor.zeros(DataType.BFLOAT16, Device.CPU, 2, 2);
            save(
                    folder.resolve("loras/style.v2.safetensors"),
                    Map.of("diffusion_model.x.lora_A.weight", any),
                    Map.of());
            save(folder.resolve("model.safetensors"), Map.of("diffusion_model.x.lora_A.weight", any), Map.of());
            save(folder.resolve("transformer.safetensors"), Map.of("initial_conv.weight", any), Map.of());
            save(folder.resolve("duration.safetensors"), Map.of("duration_head.proj.weight", any), Map.of());
            save(folder.resolve("notes.safetensors"), Map.of("anything", any), Map.of());
        }
        ModelFiles files = ModelFiles.of(folder);
        assertEquals(List.of(folder.resolve("upscaler-lora.safetensors")), files.checkpoint());
        assertEquals(
                Map.of(
                        "style.v2", folder.resolve("loras/style.v2.safetensors"),
                        "model", folder.resolve("model.safetensors")),
                files.loras());
        assertEquals(Map.of("transformer", folder.resolve("transformer.safetensors")), files.upsamplers());
    }

    @Test
    void aFolderWithoutAModelIsRefusedWithWhatItHolds() throws IOException {
        assertEquals(List.of("holds no checkpoint (*.safetensors)"), problemsOfFinding());
        try (TensorScope _ = TensorScope.open()) {
            Tensor any = Tensor.zeros(DataType.BFLOAT16, Device.CPU, 2, 2);
            save(folder.resolve("a.safetensors"), Map.of("initial_conv.weight", any), Map.of());
        }
        assertEquals(List.of("holds no checkpoint, only a.safetensors (latent upsampler)"), problemsOfFinding());
    }

    @Test
    void oneFileOfSeveralCanBeNamed() throws IOException {
        Files.copy(SINGLE, folder.resolve("a.safetensors"));
        Files.copy(SINGLE, folder.resolve("b.safetensors"));
        try (Checkpoint opened = ModelFiles.of(folder.resolve("b.safetensors")).openCheckpoint()) {
            assertEquals(folder.resolve("b.safetensors").toString(), opened.subject());
        }
        assertTrue(problemsOfOpening().contains("video autoencoder is in both a.safetensors and b.safetensors"));
    }

    @Test
    void networksThatAreMissingAreNamedByTheirPrefixes() throws IOException {
        write("a.safetensors", under("vae.encoder.").or(under("model.")), SAME, official());
        ModelFiles files = ModelFiles.of(folder);
        CheckpointException refused =
                assertThrows(CheckpointException.class, () -> Ltx2.load(files, Device.CPU, DataType.FLOAT32));
        assertEquals(
                List.of(
                        "has no tensors under 'text_embedding_projection.'",
                        "has no tensors under 'vae.decoder.'",
                        "has no tensors under 'vae.per_channel_statistics.'",
                        "has no tensors under 'audio_vae.decoder.'",
                        "has no tensors under 'audio_vae.per_channel_statistics.'",
                        "has no tensors under 'vocoder.'"),
                refused.problems());
    }

    @Test
    void allThatVersion25NeedsIsNamedBeforeAnyWeightIsRead() throws IOException {
        ObjectNode transformer = (ObjectNode) JSON.readTree(config("transformer", "ff_bias", false));
        ((ObjectNode) transformer.get("vae")).put("_class_name", "CausalDiffusionVAE");
        write(
                "a.safetensors",
                ALL,
                name -> name.replace(
                        "model.diffusion_model.scale_shift_table", "model.diffusion_model.keyframes_abs_pos_embedding"),
                Map.of("config", transformer.toString(), "model_version", "2.5.0-dev"));
        assertEquals(
                List.of("needs 2.5 support: diffusion decoder (CausalDiffusionVAE), Gemma 4, keyframe marker; "
                        + "the engine does not have that"),
                problemsOfOpening());
    }

    @Test
    void quantisedWeightsThatAreNotReadAreNamed() throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            String layer = "model.diffusion_model.transformer_blocks.0.attn1.to_q.";
            save(
                    folder.resolve("a.safetensors"),
                    Map.of(
                            layer + "weight", Tensor.zeros(DataType.UINT8, Device.CPU, 2, 2),
                            layer + "weight_scale_2", Tensor.scalar(1),
                            layer.replace("to_q", "to_k") + "weight", Tensor.zeros(DataType.INT8, Device.CPU, 2, 2)),
                    official());
        }
        assertEquals(
                List.of("needs quantised weights: NVFP4 (1 weights), int8 (1 weights); the engine does not have that"),
                problemsOfOpening());
    }

    private List<String> problemsOfFinding() {
        return assertThrows(CheckpointException.class, () -> ModelFiles.of(folder))
                .problems();
    }

    private List<String> problemsOfOpening() {
        ModelFiles files = ModelFiles.of(folder);
        return assertThrows(CheckpointException.class, files::openCheckpoint).problems();
    }

    private void assertSameCheckpoint() {
        try (TensorScope _ = TensorScope.open();
                Checkpoint one = ModelFiles.of(OFFICIAL).openCheckpoint();
                Checkpoint other = ModelFiles.of(folder).openCheckpoint()) {
            assertEquals(one.entries().keySet(), other.entries().keySet());
            assertEquals(one.config(), other.config());
            assertEquals(one.metadata().get("model_version"), other.metadata().get("model_version"));
            for (String name : one.entries().keySet()) {
                assertArrayEquals(
                        one.tensor(name).toFloatArray(), other.tensor(name).toFloatArray(), name);
            }
        }
    }

    /// Every third tensor, in three files; the metadata in the first.
    private List<Path> writeShards() throws IOException {
        List<Path> shards = new ArrayList<>();
        for (int shard = 0; shard < 3; shard++) {
            int own = shard;
            String name = "tiny-%05d-of-00003.safetensors".formatted(shard + 1);
            write(name, tensor -> Math.floorMod(tensor.hashCode(), 3) == own, SAME, shard == 0 ? official() : Map.of());
            shards.add(folder.resolve(name));
        }
        return shards;
    }

    private void writeIndex(List<Path> shards, UnaryOperator<String> file) throws IOException {
        ObjectNode index = JSON.createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        for (Path shard : shards) {
            try (Checkpoint opened = Checkpoint.open(List.of(shard))) {
                opened.entries()
                        .keySet()
                        .forEach(name ->
                                map.put(name, file.apply(shard.getFileName().toString())));
            }
        }
        Files.writeString(folder.resolve("tiny.safetensors.index.json"), index.toString());
    }

    private static Predicate<String> under(String prefix) {
        return name -> name.startsWith(prefix);
    }

    private static Map<String, String> official() {
        try (Checkpoint single = Checkpoint.open(List.of(SINGLE))) {
            return single.metadata();
        }
    }

    /// The model's configuration with one value changed.
    private static String config(String section, String key, Object value) throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(official().get("config"));
        ((ObjectNode) config.get(section)).set(key, JSON.valueToTree(value));
        return config.toString();
    }

    private void write(String file, Predicate<String> which, UnaryOperator<String> name, Map<String, String> metadata)
            throws IOException {
        try (TensorScope _ = TensorScope.open();
                Checkpoint single = Checkpoint.open(List.of(SINGLE))) {
            Map<String, Tensor> tensors = new TreeMap<>();
            single.entries().keySet().stream()
                    .filter(which)
                    .forEach(official -> tensors.put(name.apply(official), single.tensor(official)));
            save(folder.resolve(file), tensors, metadata);
        }
    }

    private static void save(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Files.createDirectories(file.getParent());
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(out, tensors, metadata);
        }
    }
}
