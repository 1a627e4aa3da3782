package io.zoetrope.engine.upsampler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.FullSizeFile;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The published upsamplers' keys and shapes at full size, in files that are holes: mapped, never read.
class UpsamplerKeysTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");

    private static final String STATISTICS = "vae.per_channel_statistics";
    private static final long CHANNELS = 128;

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "upsampler-spatial-x2-2.0.json, 73, 497867929, spatial-x2",
        "upsampler-spatial-x2-2.3.json, 72, 497867904, spatial-x2",
        "upsampler-spatial-x1.5-2.3.json, 73, 545058969, spatial-x1.5",
        "upsampler-temporal-x2-2.3.json, 72, 130968192, temporal-x2"
    })
    void everyTensorIsWantedAndNoOther(String keys, int tensors, long elements, String kind) throws IOException {
        FullSizeFile file = FullSizeFile.of(keys);
        assertEquals(tensors, file.shapes().size());
        assertEquals(elements, file.parameters());
        TensorArena arena = new TensorArena();
        Weights weights = weights(file, arena);
        try (LatentUpsampler upsampler = LatentUpsampler.load(arena, config(keys), weights, statistics(weights))) {
            assertEquals(List.of(), weights.leftOver());
            assertEquals(kind, upsampler.config().kind().label());
        }
    }

    @Test
    void whatIsMissingMisshapenOrLeftOverIsNamed() throws IOException {
        String keys = "upsampler-spatial-x1.5-2.3.json";
        FullSizeFile file = FullSizeFile.of(keys)
                .without("upsampler.blur_down.kernel")
                .with("upsampler.conv.weight", 4096L, 1024L, 3L, 3L)
                .with("res_blocks.4.conv1.bias", 1024L);
        try (TensorArena arena = new TensorArena()) {
            Weights weights = weights(file, arena);
            UpsamplerConfig config = config(keys);
            CheckpointException refused = assertThrows(
                    CheckpointException.class, () -> LatentUpsampler.load(arena, config, weights, statistics(weights)));
            assertEquals(
                    List.of(
                            "upsampler.conv.weight is [4096, 1024, 3, 3], expected [9216, 1024, 3, 3]",
                            "upsampler.blur_down.kernel [1, 1, 5, 5] is missing"),
                    refused.problems());
            assertEquals(List.of("res_blocks.4.conv1.bias"), weights.leftOver());
        }
    }

    /// An upsampler's file with the statistics, which lie in the model's.
    private Weights weights(FullSizeFile file, TensorArena arena) throws IOException {
        FullSizeFile whole =
                file.with(STATISTICS + ".mean-of-means", CHANNELS).with(STATISTICS + ".std-of-means", CHANNELS);
        return Weights.of(
                arena.own(whole.open(folder.resolve("full-size.safetensors"))), Device.CPU, DataType.BFLOAT16, arena);
    }

    private static Weights statistics(Weights weights) {
        return weights.under(STATISTICS);
    }

    private static UpsamplerConfig config(String keys) throws IOException {
        JsonNode config = JSON.readTree(KEYS.resolve(keys).toFile()).get("config");
        return UpsamplerConfig.of(ConfigSection.of("upsampler", config));
    }
}
