package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.audiovae.VocoderConfig;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.DiffusersCopy;
import io.zoetrope.engine.checkpoint.FullSizeFile;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.text.TextEncoderConfig;
import io.zoetrope.engine.transformer.TransformerConfig;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Both published generations as diffusers saves them, at full size in files that are holes: every tensor has its
/// official name, and the configurations are the official ones.
class FullSizeDiffusersTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");
    private static final String WEIGHTS = "diffusion_pytorch_model";
    private static final String INDEX = """
            {"_class_name": "LTX2Pipeline", "transformer": ["diffusers", "A"], "connectors": ["ltx2", "B"],
             "vae": ["diffusers", "C"], "audio_vae": ["diffusers", "D"], "vocoder": ["ltx2", "E"],
             "text_encoder": ["transformers", "Gemma3ForConditionalGeneration"], "processor": [null, null]}""";
    private static final Map<String, String> OFFICIAL = Map.of("2.0", """
            {"num_layers": 48, "num_attention_heads": 32, "attention_head_dim": 128, "cross_attention_dim": 4096,
             "audio_num_attention_heads": 32, "audio_attention_head_dim": 64, "audio_cross_attention_dim": 2048,
             "caption_channels": 3840, "av_ca_timestep_scale_multiplier": 1000, "frequencies_precision": "float64",
             "connector_positional_embedding_max_pos": [4096], "rope_type": "split"}""", "2.3", """
            {"caption_channels": 3840, "caption_proj_before_connector": true, "av_ca_timestep_scale_multiplier": 1000,
             "caption_projection_first_linear": false, "caption_projection_second_linear": false,
             "caption_proj_input_norm": false, "cross_attention_adaln": true, "apply_gated_attention": true,
             "connector_positional_embedding_max_pos": [4096], "connector_num_attention_heads": 32,
             "connector_attention_head_dim": 128, "connector_num_layers": 8,
             "audio_connector_num_attention_heads": 32, "audio_connector_attention_head_dim": 64,
             "connector_apply_gated_attention": true, "rope_type": "split", "frequencies_precision": "float64"}""");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"2.0", "2.3"})
    void namesAndConfigurationsAreTheOfficialOnes(String version) throws IOException {
        FullSizeFile official = FullSizeFile.of("ltx-%s.json".formatted(version))
                .and(FullSizeFile.of("decoders-2.0.json").only(name -> name.startsWith("audio_vae.")))
                .and(FullSizeFile.of("decoders-%s.json".formatted(version)))
                .and(FullSizeFile.of("video-encoder-%s.json".formatted(version)))
                .and(FullSizeFile.of("audio-encoder.json"));
        write(official, version);
        try (Checkpoint opened = ModelFiles.of(folder).openCheckpoint()) {
            Map<String, Object> found = new TreeMap<>();
            opened.entries().forEach((name, entry) -> found.put(name, entry.shape()));
            assertEquals(new TreeMap<String, Object>(official.shapes()), found);
            assertEquals(version + "-diffusers", opened.metadata().get("model_version"));
            assertSameConfigurations(version, opened.config());
        }
    }

    private static void assertSameConfigurations(String version, JsonNode found) throws IOException {
        ConfigSection transformer = ConfigSection.of("transformer", JSON.readTree(OFFICIAL.get(version)));
        assertEquals(TransformerConfig.of(transformer), TransformerConfig.of(section(found, "transformer")));
        assertEquals(TextEncoderConfig.of(transformer), TextEncoderConfig.of(section(found, "transformer")));
        JsonNode decoders = published("decoders-%s.json".formatted(version)).get("config");
        assertEquals(VideoVaeConfig.of(section(decoders, "vae")), VideoVaeConfig.of(section(found, "vae")));
        assertEquals(VocoderConfig.of(section(decoders, "vocoder")), VocoderConfig.of(section(found, "vocoder")));
        JsonNode encoder = published("audio-encoder.json").get("config");
        assertEquals(AudioVaeConfig.of(section(encoder, "audio_vae")), AudioVaeConfig.of(section(found, "audio_vae")));
    }

    private void write(FullSizeFile official, String version) throws IOException {
        Files.writeString(folder.resolve("model_index.json"), INDEX);
        Files.createDirectories(folder.resolve("scheduler"));
        Files.writeString(
                folder.resolve("scheduler/scheduler_config.json"),
                "{\"use_dynamic_shifting\": true, \"shift_terminal\": 0.1}");
        JsonNode configs = published("diffusers-%s.json".formatted(version));
        for (Map.Entry<String, JsonNode> network : configs.properties()) {
            Path home = Files.createDirectories(folder.resolve(network.getKey()));
            Files.writeString(home.resolve("config.json"), network.getValue().toString());
            FullSizeFile own = official.only(
                            name -> DiffusersCopy.place(name).folder().equals(network.getKey()))
                    .renamed(name -> DiffusersCopy.place(name).name());
            if (network.getKey().equals("transformer")) {
                writeShards(home, own);
            } else {
                own.write(home.resolve(WEIGHTS + ".safetensors"));
            }
        }
    }

    private static void writeShards(Path home, FullSizeFile weights) throws IOException {
        ObjectNode index = JSON.createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        for (int shard = 1; shard <= 2; shard++) {
            int parity = shard % 2;
            Path file = home.resolve("%s-%05d-of-00002.safetensors".formatted(WEIGHTS, shard));
            weights.only(name -> Math.floorMod(name.hashCode(), 2) == parity).write(file);
            try (SafetensorsFile written = SafetensorsFile.open(file)) {
                Set<String> names = written.entries().keySet().stream().collect(Collectors.toSet());
                names.forEach(name -> map.put(name, file.getFileName().toString()));
            }
        }
        Files.writeString(home.resolve(WEIGHTS + ".safetensors.index.json"), index.toString());
    }

    private static ConfigSection section(JsonNode config, String name) {
        return ConfigSection.of(name, config.path(name));
    }

    private static JsonNode published(String file) throws IOException {
        return JSON.readTree(KEYS.resolve(file).toFile());
    }
}
