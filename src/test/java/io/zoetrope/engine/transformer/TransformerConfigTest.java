package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.layer.RotaryTable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformerConfigTest {

    @Test
    void absentKeysHaveThePublishedValues() throws JsonProcessingException {
        TransformerConfig config = read("{\"caption_channels\": 3840}");
        assertEquals(4096, config.video().width());
        assertEquals(2048, config.audio().width());
        assertEquals(48, config.blocks());
        assertEquals(6, config.modulationVectors());
        assertEquals(3840, config.captionWidth());
        assertEquals(1, config.crossTimestepScale());
        assertEquals(new RotaryTable.Config(RotaryTable.Type.SPLIT, 10000, false), config.rotary());
        assertTrue(config.textIndependentOfStep());
    }

    @Test
    void version23IsDataToo() throws JsonProcessingException {
        TransformerConfig config = read("""
                {"caption_proj_before_connector": true, "cross_attention_adaln": true, "apply_gated_attention": true,
                 "caption_proj_input_norm": false, "av_ca_timestep_scale_multiplier": 1000}""");
        assertEquals(9, config.modulationVectors());
        assertEquals(0, config.captionWidth());
        assertTrue(config.gatedAttention());
        assertFalse(config.textIndependentOfStep());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "qk_norm": "layer_norm"                     | qk_norm is "layer_norm", expected rms_norm
            "dropout": 0.1                              | dropout is 0.1, expected 0
            "num_vector_embeds": 5                      | num_vector_embeds is 5, expected null
            "audio_num_attention_heads": 16             | audio_num_attention_heads is 16, expected 32
            "cross_attention_dim": 2048                 | cross_attention_dim is 2048, expected 4096
            "audio_attention_head_dim": 63              | audio_attention_head_dim is 63, expected an even number above 0
            "positional_embedding_max_pos": [20]        | positional_embedding_max_pos is [20], expected 3 numbers above 0
            "caption_proj_input_norm": false            | caption_proj_input_norm is given, expected none without caption_proj_before_connector
            "use_keyframes_abs_pos_embedding": true     | use_keyframes_abs_pos_embedding is true, expected false
            "rope_type": "spiral"                       | rope_type is spiral, expected split or interleaved
            "num_layers": 4.5                           | num_layers is 4.5, expected a whole number
            """)
    void whatIsNotImplementedIsRefused(String entry, String problem) {
        CheckpointException refused = assertThrows(
                CheckpointException.class, () -> read("{\"caption_channels\": 3840, %s}".formatted(entry)));
        assertTrue(refused.problems().contains(problem), refused.getMessage());
    }

    @Test
    void everythingThatIsNotImplementedIsListedAtOnce() {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read("""
                {"caption_channels": 3840, "share_ff": true, "activation_fn": "gelu"}"""));
        assertEquals(
                List.of("activation_fn is \"gelu\", expected gelu-approximate", "share_ff is true, expected false"),
                refused.problems());
    }

    private static TransformerConfig read(String json) throws JsonProcessingException {
        return TransformerConfig.of(ConfigSection.of("transformer", new ObjectMapper().readTree(json)));
    }
}
