package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The published checkpoints' keys and shapes at full size, in a file whose 40 GB are a hole: mapped, never read.
class TransformerKeysTest {

    private static final String VERSION_20 = """
            {"num_layers": 48, "num_attention_heads": 32, "attention_head_dim": 128, "cross_attention_dim": 4096,
             "audio_num_attention_heads": 32, "audio_attention_head_dim": 64, "audio_cross_attention_dim": 2048,
             "in_channels": 128, "out_channels": 128, "audio_in_channels": 128, "audio_out_channels": 128,
             "caption_channels": 3840, "av_ca_timestep_scale_multiplier": 1000, "num_vector_embeds": null,
             "rope_type": "split", "frequencies_precision": "float64", "use_middle_indices_grid": true}""";
    private static final String VERSION_23 = """
            {"caption_channels": 3840, "caption_proj_before_connector": true, "av_ca_timestep_scale_multiplier": 1000,
             "caption_projection_first_linear": false, "caption_projection_second_linear": false,
             "caption_proj_input_norm": false, "cross_attention_adaln": true, "apply_gated_attention": true,
             "rope_type": "split", "frequencies_precision": "float64", "use_middle_indices_grid": true}""";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");

    @TempDir
    Path folder;

    private Map<String, long[]> shapes;

    @BeforeEach
    void noShapes() {
        shapes = new TreeMap<>();
    }

    @Test
    void everyTensorOfVersion20IsWantedAndNoOther() throws IOException {
        assertExactly("ltx-2.0.json", VERSION_20, 18_876_174_592L);
    }

    @Test
    void everyTensorOfVersion23IsWantedAndNoOther() throws IOException {
        assertExactly("ltx-2.3.json", VERSION_23, 18_988_838_144L);
    }

    @Test
    void whatIsMissingMisshapenOrLeftOverIsNamed() throws IOException {
        read("ltx-2.0.json");
        String prefix = "model.diffusion_model.";
        shapes.remove(prefix + "transformer_blocks.47.audio_ff.net.2.bias");
        shapes.put(prefix + "transformer_blocks.0.scale_shift_table", new long[] {9, 4096});
        shapes.put(prefix + "keyframes_abs_pos_embedding", new long[] {1, 4096});
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(VERSION_20, arena);
            assertEquals(List.of(prefix + "keyframes_abs_pos_embedding"), weights.leftOver());
            CheckpointException refused = assertThrows(CheckpointException.class, () -> weights.finish("transformer"));
            assertEquals(
                    List.of(
                            prefix + "transformer_blocks.0.scale_shift_table is [9, 4096], expected [6, 4096]",
                            prefix + "transformer_blocks.47.audio_ff.net.2.bias [2048] is missing"),
                    refused.problems());
        }
    }

    private void assertExactly(String keys, String config, long parameters) throws IOException {
        read(keys);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(config, arena);
            weights.finish("transformer");
            assertEquals(List.of(), weights.leftOver());
        }
        long found = shapes.entrySet().stream()
                .filter(entry -> !entry.getKey().contains("_embeddings_connector."))
                .filter(entry -> entry.getKey().startsWith("model.diffusion_model."))
                .mapToLong(entry -> count(entry.getValue()))
                .sum();
        assertEquals(parameters, found);
    }

    private Weights load(String config, TensorArena arena) throws IOException {
        Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(sparseFile())));
        Weights weights =
                Weights.of(checkpoint, Device.CPU, DataType.BFLOAT16, arena).under("model.diffusion_model");
        Transformer.load(TransformerConfig.of(ConfigSection.of("transformer", JSON.readTree(config))), weights);
        return weights;
    }

    /// Every part of a list of keys, with `{i}` counted through the blocks.
    private void read(String name) throws IOException {
        for (JsonNode part : JSON.readTree(KEYS.resolve(name).toFile()).get("parts")) {
            for (int block = 0; block < part.get("blocks").asInt(); block++) {
                String index = Integer.toString(block);
                part.get("per_block")
                        .properties()
                        .forEach(entry -> put(entry.getKey().replace("{i}", index), entry.getValue()));
            }
            part.get("top").properties().forEach(entry -> put(entry.getKey(), entry.getValue()));
        }
    }

    private void put(String key, JsonNode shape) {
        shapes.put(
                key,
                LongStream.range(0, shape.size())
                        .map(axis -> shape.get((int) axis).asLong())
                        .toArray());
    }

    private Path sparseFile() throws IOException {
        ObjectNode header = JSON.createObjectNode();
        long offset = 0;
        for (Map.Entry<String, long[]> named : shapes.entrySet()) {
            ObjectNode entry = header.putObject(named.getKey()).put("dtype", "BF16");
            ArrayNode shape = entry.putArray("shape");
            LongStream.of(named.getValue()).forEach(shape::add);
            long end = offset + count(named.getValue()) * DataType.BFLOAT16.bytes();
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = (JSON.writeValueAsString(header) + " ".repeat(7)).getBytes(StandardCharsets.UTF_8);
        int length = json.length / 8 * 8;
        Path path = folder.resolve("full-size.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(length)
                    .array());
            file.write(json, 0, length);
            file.setLength(8 + length + offset);
        }
        return path;
    }

    private static long count(long... shape) {
        return LongStream.of(shape).reduce(1, Math::multiplyExact);
    }
}
