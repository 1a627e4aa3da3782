package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.videovae.VideoVaeConfig.Block;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoVaeConfigTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");

    @ParameterizedTest(name = "{0}")
    @CsvSource({"decoders-2.0.json, REFLECT, 7", "decoders-2.3.json, ZEROS, 9"})
    void bothVersionsAreData(String keys, SpatialPadding padding, int blocks) throws IOException {
        JsonNode published =
                JSON.readTree(KEYS.resolve(keys).toFile()).get("config").get("vae");
        VideoVaeConfig config = VideoVaeConfig.of(ConfigSection.of("vae", published));
        assertEquals(padding, config.padding());
        assertEquals(blocks, config.decoderBlocks().size());
        assertEquals(1024, config.bottleneck());
        assertEquals(8, config.temporalScale());
        assertEquals(32, config.spatialScale());
        assertEquals(false, config.causal() || config.timestepConditioning());
    }

    @Test
    void blocksAreDecodedFromTheLatentToThePicture() throws JsonProcessingException {
        VideoVaeConfig config = read("""
                "decoder_blocks": [["res_x", 3], ["compress_space", {"multiplier": 2, "residual": true}],
                    ["compress_time", {}], ["res_x_y", {}], ["attn", {"attention_head_dim": 64}],
                    ["compress_all", {"multiplier": 2, "residual": true}], ["res_x", {"num_layers": 1}]]""");
        assertEquals(
                List.of(
                        new Block.Residual(1, false),
                        new Block.Expansion(true, true, 2, true),
                        new Block.FrameAttention(),
                        new Block.Narrowing(2, false),
                        new Block.Expansion(true, false, 1, false),
                        new Block.Expansion(false, true, 2, false), // only blocks on all axes have a residual
                        new Block.Residual(3, false)),
                config.decoderBlocks());
        assertEquals(8 * 128, config.bottleneck());
        assertEquals(4, config.temporalScale());
        assertEquals(16, config.spatialScale());
    }

    @Test
    void absentKeysHaveTheReferencesDefaults() throws JsonProcessingException {
        VideoVaeConfig config = read("\"decoder_blocks\": [[\"res_x\", 1]]");
        assertEquals(
                new VideoVaeConfig(
                        128,
                        4,
                        List.of(new Block.Residual(1, false)),
                        SpatialPadding.REFLECT,
                        false,
                        true,
                        128,
                        new VideoEncoderConfig(List.of(), SpatialPadding.ZEROS, VideoEncoderConfig.LogVariance.SHARED)),
                config);
        assertEquals(2, config.smallestSide());
    }

    @Test
    void theDecodersOwnPaddingKeyIsNotRead() throws JsonProcessingException {
        assertEquals(
                SpatialPadding.REFLECT,
                read("\"decoder_blocks\": [[\"res_x\", 1]], \"decoder_spatial_padding_mode\": \"zeros\"")
                        .padding());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "_class_name": "CausalDiffusionVAE"                        | _class_name is "CausalDiffusionVAE", expected CausalVideoAutoencoder
            "dims": 2                                                  | dims is 2, expected 3
            "norm_layer": "group_norm"                                 | norm_layer is "group_norm", expected pixel_norm
            "out_channels": 4                                          | out_channels is 4, expected 3
            "spatial_padding_mode": "mirror"                           | spatial_padding_mode is mirror, expected zeros, reflect, replicate or circular
            "patch_size": 0                                            | patch_size is 0, expected a number above 0
            "latent_channels": -1                                      | latent_channels is -1, expected a number above 0
            "decoder_base_channels": 1.5                               | decoder_base_channels is 1.5, expected a whole number
            "timestep_conditioning": "no"                              | timestep_conditioning is "no", expected true or false
            "decoder_blocks": []                                       | decoder_blocks is [], expected a list of blocks
            "decoder_blocks": [["attn_res_x", {}]]                     | decoder_blocks[0] is "attn_res_x", expected res_x
            "decoder_blocks": [["res_x", 1], ["compress_all_res", {}]] | decoder_blocks[1] is "compress_all_res", expected res_x
            "decoder_blocks": [["res_x", 0]]                           | decoder_blocks[0] is ["res_x",0], expected numbers above 0
            "decoder_blocks": [["compress_time", {"multiplier": 0}]]   | expected numbers above 0
            "decoder_blocks": [["compress_all", {"multiplier": 3, "residual": true}]] | expected a multiplier that divides 8
            "decoder_blocks": [["res_x", {}]]                          | decoder_blocks[0]: num_layers is missing
            """)
    void whatIsNotImplementedIsRefused(String entry, String problem) {
        String blocks = entry.contains("decoder_blocks") ? "" : ", \"decoder_blocks\": [[\"res_x\", 1]]";
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(entry + blocks));
        assertTrue(refused.getMessage().startsWith("config.vae"), refused.getMessage());
        assertTrue(refused.getMessage().contains(problem), refused.getMessage());
    }

    @Test
    void allProblemsAreListedAtOnce() {
        CheckpointException refused = assertThrows(
                CheckpointException.class,
                () -> read("\"dims\": 2, \"patch_size\": 0, \"decoder_blocks\": [[\"a\", {}], [\"b\", {}]]"));
        assertEquals(4, refused.problems().size(), refused.getMessage());
    }

    @Test
    void aListOfBlocksIsNeeded() {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read("\"dims\": 3"));
        assertEquals(List.of("decoder_blocks is missing, expected a list of blocks"), refused.problems());
    }

    private static VideoVaeConfig read(String entries) throws JsonProcessingException {
        return VideoVaeConfig.of(ConfigSection.of("vae", JSON.readTree("{" + entries + "}")));
    }
}
