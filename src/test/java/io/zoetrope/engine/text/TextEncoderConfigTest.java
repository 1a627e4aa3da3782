package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.text.TextEncoderConfig.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEncoderConfigTest {

    private static final String SWITCHES = """
            "caption_proj_before_connector": true, "caption_projection_first_linear": false,
            "caption_proj_input_norm": false, "caption_projection_second_linear": false""";

    @Test
    void withoutKeysItIsVersion20() throws JsonProcessingException {
        TextEncoderConfig config = read("\"caption_channels\": 3840");
        assertEquals(Variant.MEAN_AND_RANGE, config.variant());
        assertEquals(3840, config.featureWidth());
        assertEquals(3840, config.video().width());
        assertEquals(2, config.video().layers());
        assertEquals(1, config.video().maximumPosition());
        assertFalse(config.video().gated());
        assertTrue(config.video().feedForwardBias());
        assertFalse(config.video().rotary().doubleGrid());
        assertEquals(config.video(), config.audio());
    }

    @Test
    void allFourKeysMakeItVersion23() throws JsonProcessingException {
        TextEncoderConfig config = read(SWITCHES + """
                , "connector_num_attention_heads": 32, "connector_num_layers": 8, "frequencies_precision": "float64",
                "audio_connector_num_attention_heads": 32, "audio_connector_attention_head_dim": 64,
                "connector_positional_embedding_max_pos": [4096], "connector_apply_gated_attention": true""");
        assertEquals(Variant.PER_TOKEN, config.variant());
        assertEquals(4096, config.video().width());
        assertEquals(2048, config.audio().width());
        assertEquals(8, config.audio().layers());
        assertEquals(4096, config.audio().maximumPosition());
        assertTrue(config.audio().gated());
        assertTrue(config.audio().rotary().doubleGrid());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "caption_proj_before_connector": true                                             | caption_proj_before
            "caption_proj_input_norm": false                                                  | caption_proj_before
            "caption_proj_before_connector": false, "caption_projection_first_linear": false  | caption_proj_before
            "connector_positional_embedding_max_pos": [20, 2048, 2048]                        | one number
            "connector_positional_embedding_max_pos": [0]                                     | one number
            "rope_type": "spiral"                                                             | spiral
            """)
    void mixturesAndUnknownValuesAreRefused(String entries, String reason) {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(entries));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    @Test
    void aProjectionThatIsNotImplementedIsRefused() {
        String other = SWITCHES.replace("\"caption_proj_input_norm\": false", "\"caption_proj_input_norm\": true");
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(other));
        assertTrue(refused.getMessage().contains("caption_proj_input_norm is true"), refused.getMessage());
    }

    @Test
    void sharedFeaturesMustFitBothConnectors() throws JsonProcessingException {
        TextEncoderConfig config = read("\"caption_channels\": 3840, \"audio_connector_attention_head_dim\": 64");
        CheckpointException refused = assertThrows(CheckpointException.class, config::requireFeaturesThatFitConnectors);
        assertTrue(refused.getMessage().contains("3840 for video and 1920 for audio"), refused.getMessage());
    }

    private static TextEncoderConfig read(String entries) throws JsonProcessingException {
        return TextEncoderConfig.of(ConfigSection.of("transformer", new ObjectMapper().readTree("{" + entries + "}")));
    }
}
