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

/// The published decoders' keys and shapes at full size, in a file that is a hole: mapped, never read.
class VideoDecoderKeysTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({"decoders-2.0.json, 528380976", "decoders-2.3.json, 407169328"})
    void everyTensorIsWantedAndNoOther(String keys, long elements) throws IOException {
        FullSizeFile file = FullSizeFile.of(keys);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(keys, file, arena);
            weights.finish("video decoder");
            assertEquals(List.of(), weights.leftOver());
        }
        long found = file.shapes().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("vae."))
                .mapToLong(entry -> entry.getValue().stream().reduce(1L, Math::multiplyExact))
                .sum();
        assertEquals(elements, found);
    }

    @Test
    void whatIsMissingMisshapenOrLeftOverIsNamed() throws IOException {
        FullSizeFile file = FullSizeFile.of("decoders-2.0.json")
                .without("vae.per_channel_statistics.std-of-means")
                .without("vae.decoder.up_blocks.6.res_blocks.4.conv2.conv.bias")
                .with("vae.decoder.up_blocks.1.conv.conv.weight", 8192L, 1024L, 3L, 3L, 3L)
                .with("vae.decoder.up_blocks.6.res_blocks.5.conv1.conv.bias", 128L);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load("decoders-2.0.json", file, arena);
            assertEquals(List.of("vae.decoder.up_blocks.6.res_blocks.5.conv1.conv.bias"), weights.leftOver());
            CheckpointException refused =
                    assertThrows(CheckpointException.class, () -> weights.finish("video decoder"));
            assertEquals(
                    List.of(
                            "vae.decoder.up_blocks.1.conv.conv.weight is [8192, 1024, 3, 3, 3], "
                                    + "expected [4096, 1024, 3, 3, 3]",
                            "vae.decoder.up_blocks.6.res_blocks.4.conv2.conv.bias [128] is missing",
                            "vae.per_channel_statistics.std-of-means [128] is missing"),
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
        VideoDecoder.load(VideoVaeConfig.of(ConfigSection.of("vae", config)), weights);
        return weights;
    }
}
