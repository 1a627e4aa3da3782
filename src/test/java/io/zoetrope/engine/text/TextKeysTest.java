package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.FullSizeFile;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The keys and shapes of the published files at full size.
class TextKeysTest {

    private static final String GEMMA_12B = """
            {"model_type": "gemma3", "text_config": {"hidden_size": 3840, "intermediate_size": 15360,
             "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 8,
             "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}}""";
    private static final String VERSION_20 = """
            {"caption_channels": 3840, "connector_positional_embedding_max_pos": [4096]}""";
    private static final String VERSION_23 = """
            {"caption_channels": 3840, "connector_positional_embedding_max_pos": [4096],
             "connector_num_attention_heads": 32, "connector_attention_head_dim": 128, "connector_num_layers": 8,
             "audio_connector_num_attention_heads": 32, "audio_connector_attention_head_dim": 64,
             "caption_proj_before_connector": true, "caption_projection_first_linear": false,
             "caption_proj_input_norm": false, "caption_projection_second_linear": false,
             "connector_apply_gated_attention": true}""";
    private static final int GEMMA_WIDTH = 3840;
    private static final int GEMMA_STATES = 49;

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void everyTensorOfTheTextModelIsWantedAndNoOther() throws IOException {
        FullSizeFile gemma = FullSizeFile.of("gemma3-12b-text.json");
        assertEquals(11_766_034_176L, gemma.parameters());
        assertGemmaLoadsAllOf(gemma);
    }

    @Test
    void newerNamesOfTheTextModelsTensorsAreKnownToo() throws IOException {
        FullSizeFile gemma = FullSizeFile.of("gemma3-12b-text.json")
                .renamed(key -> key.replace("language_model.model.", "model.language_model."))
                .with("model.vision_tower.vision_model.embeddings.patch_embedding.bias", 1152L)
                .with("lm_head.weight", 262208L, 3840L);
        assertGemmaLoadsAllOf(gemma);
    }

    @Test
    void everyTextTensorOfVersion20IsWantedAndNoOther() throws IOException {
        assertConnectorsLoadAllOf(FullSizeFile.of("ltx-2.0.json"), VERSION_20, 1_431_475_200L);
    }

    @Test
    void everyTextTensorOfVersion23IsWantedAndNoOther() throws IOException {
        assertConnectorsLoadAllOf(FullSizeFile.of("ltx-2.3.json"), VERSION_23, 3_172_227_584L);
    }

    @Test
    void allThatIsMissingOrMisshapenIsListedInOneError() throws IOException {
        String block = "language_model.model.layers.47.";
        FullSizeFile gemma = FullSizeFile.of("gemma3-12b-text.json")
                .without(block + "self_attn.q_norm.weight")
                .with(block + "mlp.down_proj.weight", 3840L, 10240L)
                .with("language_model.model.norm.weight", 2560L);
        CheckpointException refused = assertThrows(CheckpointException.class, () -> assertGemmaLoadsAllOf(gemma));
        assertEquals(
                List.of(
                        block + "self_attn.q_norm.weight [256] is missing",
                        block + "mlp.down_proj.weight is [3840, 10240], expected [3840, 15360]",
                        "language_model.model.norm.weight is [2560], expected [3840]"),
                refused.problems());
    }

    private void assertGemmaLoadsAllOf(FullSizeFile file) throws IOException {
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Checkpoint checkpoint = arena.own(file.open(folder.resolve("gemma.safetensors")));
            Weights weights =
                    Weights.of(checkpoint, Device.CPU, DataType.BFLOAT16, arena).under(GemmaFolder.prefix(checkpoint));
            GemmaModel.load(GemmaConfig.of(JSON.readTree(GEMMA_12B)), weights);
            weights.finish("text model");
            assertEquals(List.of(), weights.leftOver());
        }
    }

    private void assertConnectorsLoadAllOf(FullSizeFile file, String json, long parameters) throws IOException {
        TextEncoderConfig config = TextEncoderConfig.of(ConfigSection.of("transformer", JSON.readTree(json)));
        config.requireFeaturesThatFitConnectors();
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Checkpoint checkpoint = arena.own(file.open(folder.resolve("ltx.safetensors")));
            Weights root = Weights.of(checkpoint, Device.CPU, DataType.BFLOAT16, arena);
            Weights projection = root.under("text_embedding_projection");
            Weights video = root.under("model.diffusion_model.video_embeddings_connector");
            Weights audio = root.under("model.diffusion_model.audio_embeddings_connector");
            FeatureExtractor.load(config, GEMMA_WIDTH, GEMMA_STATES, projection);
            Connector.load(config.video(), video);
            Connector.load(config.audio(), audio);
            for (Weights part : List.of(projection, video, audio)) {
                part.finish("text encoder");
                assertEquals(List.of(), part.leftOver());
            }
        }
        long found = file.shapes().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("text_embedding_projection.")
                        || entry.getKey().contains("_embeddings_connector."))
                .mapToLong(entry -> entry.getValue().stream().reduce(1L, Math::multiplyExact))
                .sum();
        assertEquals(parameters, found);
    }
}
