package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TileGrid.Segment;
import io.zoetrope.engine.videovae.Tiling.Axis;
import io.zoetrope.engine.videovae.VideoEncoderConfig.Block;
import io.zoetrope.engine.videovae.VideoEncoderConfig.LogVariance;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import io.zoetrope.verify.GoldenCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How the encoder treats frames, windows, tiles and refusals, and what it reads of a configuration.
class VideoEncoderTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/golden/video-vae-encoder/ltx20-small.safetensors");
    private static final float TOLERANCE = 2e-5f;

    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private VideoEncoder encoder;

    @BeforeEach
    void load() {
        golden = GoldenCase.open(GOLDEN, Device.CPU);
        scope = TensorScope.open();
        arena = new TensorArena();
        Weights weights = golden.weights(DataType.FLOAT32, arena).under("vae");
        encoder = VideoEncoder.load(
                VideoVaeConfig.of(ConfigSection.of("vae", golden.config().path("vae"))), weights);
        weights.finish("video encoder");
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
        golden.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void windowsOfTheTimeAxisDoNotShow(int frames) {
        Tensor video = video(17, 64, 32);
        assertArrayEquals(
                encoder.encode(video).toFloatArray(),
                encoder.encode(video, new TimeWindows(1, frames), (_, _) -> {}).toFloatArray(),
                TOLERANCE);
    }

    @Test
    void anIncompleteEndIsCutOnRequestAndRefusedOtherwise() {
        Tensor video = video(20, 32, 32);
        assertArrayEquals(
                new long[] {1, 3, 17, 32, 32},
                encoder.withoutIncompleteEnd(video).shape());
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> encoder.encode(video));
        assertTrue(refused.getMessage().contains("8·k + 1 frames"), refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(video(9, 48, 32)));
    }

    @Test
    void tilesAreTheWeightedSumOfWhatTheySee() {
        Tensor video = video(41, 32, 160);
        Tiling tiling = new Tiling(new Axis.Size(24, 16), new Axis.Whole(), new Axis.Size(128, 64));
        TileGrid grid = TileGrid.forEncoding(tiling, encoder.config().grid(), 6, 1, 5);
        Tensor whole = Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 2, 6, 1, 5);
        Tensor weights = Tensor.zeros(DataType.FLOAT32, Device.CPU, 6, 1, 5);
        Segment height = grid.height().getFirst();
        for (Segment time : grid.time()) {
            for (Segment width : grid.width()) {
                Tensor tile = encoder.encode(TileGrid.read(video, time, height, width));
                Tensor mask =
                        time.result().mask().view(-1, 1, 1).times(width.result().mask());
                place(whole, 2, time, width).plusInPlace(tile.times(mask));
                place(weights, 0, time, width).plusInPlace(mask);
            }
        }
        assertEquals(8, grid.tiles());
        assertArrayEquals(
                whole.dividedBy(weights).toFloatArray(),
                encoder.encode(video, tiling).toFloatArray(),
                TOLERANCE);
    }

    @Test
    void aClipOfOneTileIsEncodedAsAWhole() {
        Tensor video = video(17, 64, 32);
        assertArrayEquals(
                encoder.encode(video).toFloatArray(),
                encoder.encode(video, Tiling.forEncoding()).toFloatArray());
    }

    @Test
    void publishedEncodersAreData() throws IOException {
        JsonNode file = JSON.readTree(
                Path.of("src/test/resources/keys/decoders-2.3.json").toFile());
        VideoEncoderConfig config = VideoVaeConfig.of(
                        ConfigSection.of("vae", file.get("config").get("vae")))
                .encoder();
        assertEquals(SpatialPadding.ZEROS, config.padding());
        assertEquals(LogVariance.SHARED, config.logVariance());
        assertEquals(new Block.Folding(true, true, 1), config.blocks().get(7));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            {"spatial_padding_mode": "reflect", "encoder_spatial_padding_mode": "zeros"} | REFLECT
            {"encoder_spatial_padding_mode": "replicate"}                                | REPLICATE
            {}                                                                           | ZEROS
            """)
    void theCommonPaddingComesBeforeTheEncoders(String entries, SpatialPadding expected) throws IOException {
        assertEquals(expected, read(entries).encoder().padding());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            {"latent_log_var": "none"}                            | latent_log_var is none, expected uniform, constant or per_channel
            {"encoder_blocks": [["attn_res_x", {}]]}              | encoder_blocks[0] is "attn_res_x", expected res_x
            {"encoder_blocks": [["res_x", 0]]}                    | encoder_blocks[0] is ["res_x",0], expected numbers above 0
            {"encoder_blocks": [["compress_all_res", {"multiplier": 3}]]} | expected a multiplier that divides 8
            {"latent_channels": 3, "encoder_blocks": [["compress_all_res", {"multiplier": 2}]]} | fold 3 channels by 8
            {"encoder_spatial_padding_mode": "mirror"}            | encoder_spatial_padding_mode is mirror
            """)
    void whatIsNotImplementedIsRefused(String entries, String problem) {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> read(entries));
        assertTrue(refused.getMessage().contains(problem), refused.getMessage());
    }

    @Test
    void aConfigurationWithoutAnEncoderCanOnlyDecode() throws IOException {
        VideoVaeConfig config = read("{}");
        CheckpointException refused = assertThrows(
                CheckpointException.class,
                () -> VideoEncoder.load(
                        config, golden.weights(DataType.FLOAT32, arena).under("vae")));
        assertTrue(refused.getMessage().contains("encoder_blocks is missing"), refused.getMessage());
    }

    /// No release and no golden case has these blocks: keys and sizes are checked, on weights that stand in.
    @Test
    void everyBlockHasItsKeysAndItsSize() throws IOException {
        VideoVaeConfig config = read("""
                {"latent_channels": 4, "patch_size": 1, "latent_log_var": "per_channel",
                 "encoder_blocks": [["res_x", 1], ["compress_space", {}], ["attn", {}], ["res_x_y", {"multiplier": 2}],
                     ["compress_time", {}], ["compress_all_x_y", {"multiplier": 2}], ["compress_all", {}]],
                 "decoder_blocks": [["compress_all", {}], ["compress_all", {}], ["compress_time", {}],
                     ["compress_space", {}]]}""");
        Weights none = golden.weights(DataType.FLOAT32, arena);
        Map<String, String> shapes = new TreeMap<>();
        VideoEncoder.load(config, none)
                .encode(video(17, 16, 24), (name, hidden) -> shapes.put(name, Tensor.describe(hidden.shape())));
        assertEquals("[1, 4, 17, 8, 12]", shapes.get("down_blocks.1"));
        assertEquals("[1, 8, 17, 8, 12]", shapes.get("down_blocks.3"));
        assertEquals("[1, 8, 9, 8, 12]", shapes.get("down_blocks.4"));
        assertEquals("[1, 16, 5, 4, 6]", shapes.get("down_blocks.5"));
        assertEquals("[1, 16, 3, 2, 3]", shapes.get("down_blocks.6"));
        assertEquals("[1, 8, 3, 2, 3]", shapes.get("conv_out"));
        List<String> missing = assertThrows(CheckpointException.class, () -> none.finish("video encoder"))
                .problems();
        assertTrue(missing.contains("encoder.down_blocks.1.conv.weight [4, 4, 3, 3, 3] is missing"));
        assertTrue(missing.contains("encoder.down_blocks.2.to_qkv.weight [12, 4, 1, 1] is missing"));
        assertTrue(missing.contains("encoder.down_blocks.3.conv_shortcut.weight [8, 4, 1, 1, 1] is missing"));
        assertTrue(missing.contains("encoder.down_blocks.5.conv.weight [16, 8, 3, 3, 3] is missing"));
    }

    private static Tensor place(Tensor whole, int axis, Segment time, Segment width) {
        return whole.narrow(axis, time.result().start(), time.result().length())
                .narrow(axis + 2, width.result().start(), width.result().length());
    }

    private static VideoVaeConfig read(String entries) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(entries);
        if (!json.has("decoder_blocks")) {
            json.putArray("decoder_blocks").addArray().add("res_x").add(1);
        }
        return VideoVaeConfig.of(ConfigSection.of("vae", json));
    }

    private static Tensor video(int frames, int height, int width) {
        try (RandomStream random = RandomStream.seeded(5)) {
            return random.normal(DataType.FLOAT32, 1, 3, frames, height, width);
        }
    }
}
