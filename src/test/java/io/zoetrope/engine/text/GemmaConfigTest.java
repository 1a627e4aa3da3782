package io.zoetrope.engine.text;

import static io.zoetrope.engine.text.GemmaConfig.LayerType.GLOBAL;
import static io.zoetrope.engine.text.GemmaConfig.LayerType.SLIDING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.text.GemmaConfig.Rotary;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmaConfigTest {

    private static final String COMMON = """
            "vocab_size": 96, "hidden_size": 40, "intermediate_size": 72, "num_hidden_layers": 4,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "query_pre_attn_scalar": 20,
            "sliding_window": 6, "attn_logit_softcapping": null, "final_logit_softcapping": null,""";
    private static final String OLDER = COMMON + """
            "sliding_window_pattern": 3, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
            "rope_theta": 500000, "rope_local_base_freq": 9000""";
    private static final String NEWER = COMMON + """
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
            "rope_parameters": {"full_attention": {"factor": 8.0, "rope_type": "linear", "rope_theta": 500000},
                                "sliding_attention": {"rope_type": "default", "rope_theta": 9000}}""";

    @Test
    void olderAndNewerFilesSayTheSame() throws JsonProcessingException {
        GemmaConfig expected = new GemmaConfig(
                96,
                40,
                72,
                4,
                2,
                16,
                20,
                6,
                1e-6,
                new Rotary(500_000, 8),
                new Rotary(9000, 1),
                List.of(SLIDING, SLIDING, GLOBAL, SLIDING));
        assertEquals(expected, read(OLDER));
        assertEquals(expected, read(NEWER));
    }

    @Test
    void whatAFileLeavesOutHasADefault() throws JsonProcessingException {
        GemmaConfig config = read("\"use_cache\": true");
        assertEquals(262208, config.vocabulary());
        assertEquals(2304, config.width());
        assertEquals(9216, config.innerWidth());
        assertEquals(8, config.heads());
        assertEquals(4, config.keyValueHeads());
        assertEquals(256, config.headWidth());
        assertEquals(256, config.queryScalar());
        assertEquals(4096, config.slidingWindow());
        assertEquals(new Rotary(1_000_000, 1), config.globalRotary());
        assertEquals(new Rotary(10_000, 1), config.slidingRotary());
        assertEquals(27, config.states());
        assertEquals(4, config.layers().stream().filter(GLOBAL::equals).count());
        assertEquals(GLOBAL, config.layers().get(5));
    }

    @Test
    void theTwelfthBillionModelHasEightGlobalLayers() throws JsonProcessingException {
        List<GemmaConfig.LayerType> layers = read("\"num_hidden_layers\": 48").layers();
        for (int index : new int[] {5, 11, 17, 23, 29, 35, 41, 47}) {
            assertEquals(GLOBAL, layers.get(index));
        }
        assertEquals(40, layers.stream().filter(SLIDING::equals).count());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "attention_bias": true                                       | attention_bias
            "hidden_activation": "gelu"                                  | hidden_activation
            "use_bidirectional_attention": true                          | use_bidirectional_attention
            "attn_logit_softcapping": 50.0                               | attn_logit_softcapping
            "final_logit_softcapping": 30.0                              | final_logit_softcapping
            "rope_scaling": {"rope_type": "yarn", "factor": 8}           | yarn
            "rope_parameters": {"full_attention": {"rope_type": "dyn"}}  | dyn
            "layer_types": ["full_attention"]                            | 1 entries, expected 26 entries
            "layer_types": ["chunked_attention"], "num_hidden_layers": 1 | chunked_attention
            "sliding_window_pattern": 0                                  | sliding_window_pattern
            "num_key_value_heads": 3                                     | num_key_value_heads is 3, expected a divisor
            "num_attention_heads": 0                                     | num_attention_heads is 0
            "head_dim": 17                                               | head_dim is 17
            "hidden_size": -1                                            | hidden_size is -1
            "hidden_size": "wide"                                        | hidden_size
            """)
    void whatIsNotImplementedOrNonsenseIsRefusedByName(String entry, String reason) {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(entry));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    @Test
    void allProblemsAreSaidAtOnce() {
        CheckpointException refused = assertThrows(
                CheckpointException.class,
                () -> read("\"attention_bias\": true, \"hidden_activation\": \"silu\", \"attn_logit_softcapping\": 1"));
        assertEquals(3, refused.problems().size(), refused.getMessage());
    }

    private static GemmaConfig read(String entries) throws JsonProcessingException {
        return GemmaConfig.of(
                new ObjectMapper().readTree("{\"model_type\": \"gemma3\", \"text_config\": {" + entries + "}}"));
    }
}
