package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
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

/// LTX-2.5's transformer is 2.3's without biases in the picture's feed-forwards, which is data, and with a marker of
/// keyframes, which is all that would be missing.
class Version25KeysTest {

    private static final String CONFIG = """
            {"caption_channels": 3840, "caption_proj_before_connector": true, "av_ca_timestep_scale_multiplier": 1000,
             "caption_projection_first_linear": false, "caption_projection_second_linear": false,
             "caption_proj_input_norm": false, "cross_attention_adaln": true, "apply_gated_attention": true,
             "ff_bias": false, "rope_type": "split", "frequencies_precision": "float64"}""";
    private static final String MARKER = "model.diffusion_model.keyframes_abs_pos_embedding";
    private static final long PUBLISHED = 18_987_859_200L;

    @TempDir
    Path folder;

    @Test
    void onlyTheMarkerIsLeftOver() throws IOException {
        FullSizeFile file = FullSizeFile.of("ltx-2.3.json")
                .only(name -> name.startsWith("model.diffusion_model.") && !name.contains("_embeddings_connector."))
                .only(name -> !name.matches(".*\\.ff\\.net\\..*\\.bias"))
                .with(MARKER, 1L, 4096L);
        assertEquals(PUBLISHED, file.parameters());
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = Weights.of(
                            arena.own(file.open(folder.resolve("full-size.safetensors"))),
                            Device.CPU,
                            DataType.BFLOAT16,
                            arena)
                    .under("model.diffusion_model");
            Transformer.load(
                    TransformerConfig.of(ConfigSection.of("transformer", new ObjectMapper().readTree(CONFIG))),
                    weights);
            weights.finish("transformer");
            assertEquals(List.of(MARKER), weights.leftOver());
        }
    }
}
