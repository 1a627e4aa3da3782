package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The published encoders' keys and shapes at full size, in a file that is a hole: mapped, never read.
class VideoEncoderKeysTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({"video-encoder-2.0.json, 694099137", "video-encoder-2.3.json, 318937153"})
    void everyTensorIsWantedAndNoOther(String keys, long elements) throws IOException {
        FullSizeFile file = FullSizeFile.of(keys);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(keys, file, arena);
            weights.finish("video encoder");
            assertEquals(List.of(), weights.leftOver());
        }
        assertEquals(elements, file.parameters());
    }

    @Test
    void whatIsMissingMisshapenOrLeftOverIsNamed() throws IOException {
        FullSizeFile file = FullSizeFile.of("video-encoder-2.3.json")
                .without("vae.encoder.down_blocks.8.res_blocks.1.conv2.conv.bias")
                .with("vae.encoder.down_blocks.7.conv.conv.weight", 256L, 1024L, 3L, 3L, 3L)
                .with("vae.encoder.down_blocks.9.conv.conv.bias", 128L);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load("video-encoder-2.3.json", file, arena);
            assertEquals(List.of("vae.encoder.down_blocks.9.conv.conv.bias"), weights.leftOver());
            CheckpointException refused =
                    assertThrows(CheckpointException.class, () -> weights.finish("video encoder"));
            assertEquals(
                    List.of(
                            "vae.encoder.down_blocks.7.conv.conv.weight is [256, 1024, 3, 3, 3], "
                                    + "expected [128, 1024, 3, 3, 3]",
                            "vae.encoder.down_blocks.8.res_blocks.1.conv2.conv.bias [1024] is missing"),
                    refused.problems());
        }
    }

    private Weights load(String keys, FullSizeFile file, TensorArena arena) throws IOException {
        Weights weights = Weights.of(
                        arena.own(file.open(folder.resolve("full-size.safetensors"))),
                        Device.CPU,
                        DataType.BFLOAT16,
                        arena)
                .under("vae");
        var config = JSON.readTree(KEYS.resolve(keys).toFile()).get("config").get("vae");
        VideoEncoder.load(VideoVaeConfig.of(ConfigSection.of("vae", config)), weights);
        return weights;
    }
}
