package io.zoetrope.engine.audiovae;

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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The published keys and shapes of the sound's networks at full size, in files that are holes.
class AudioKeysTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path KEYS = Path.of("src/test/resources/keys");
    private static final String ENCODER = "audio-encoder.json";
    private static final String VERSION_20 = "decoders-2.0.json";
    private static final String VERSION_23 = "decoders-2.3.json";
    private static final int MEL_BINS = 64;

    private interface Network {
        void load(ConfigSection config, Weights weights);
    }

    private static final Network ENCODING = (config, weights) -> AudioEncoder.load(AudioVaeConfig.of(config), weights);
    private static final Network DECODING = (config, weights) -> AudioDecoder.load(AudioVaeConfig.of(config), weights);
    private static final Network VOCODER =
            (config, weights) -> Vocoder.load(VocoderConfig.of(config), MEL_BINS, weights);

    @TempDir
    Path folder;

    @Test
    void everyTensorOfTheEncoderIsWantedAndNoOther() throws IOException {
        assertExactly(ENCODER, "audio_vae", ENCODING, 46, 21_333_264);
    }

    @Test
    void everyTensorOfTheDecoderIsWantedAndNoOther() throws IOException {
        assertExactly(VERSION_20, "audio_vae", DECODING, 58, 31_915_394);
    }

    @Test
    void everyTensorOfVersion20sVocoderIsWantedAndNoOther() throws IOException {
        assertExactly(VERSION_20, "vocoder", VOCODER, 194, 55_592_802);
    }

    @Test
    void everyTensorOfVersion23sVocoderIsWantedAndNoOther() throws IOException {
        assertExactly(VERSION_23, "vocoder", VOCODER, 1227, 129_085_032);
    }

    @Test
    void whatTheEncoderLacksIsNamed() throws IOException {
        FullSizeFile file = FullSizeFile.of(ENCODER)
                .without("audio_vae.encoder.down.1.downsample.conv.bias")
                .without("audio_vae.per_channel_statistics.std-of-means")
                .with("audio_vae.encoder.conv_out.conv.weight", 8L, 512L, 3L, 3L)
                .with("audio_vae.encoder.down.2.downsample.conv.bias", 512L);
        assertProblems(
                ENCODER,
                file,
                "audio_vae",
                ENCODING,
                List.of("audio_vae.encoder.down.2.downsample.conv.bias"),
                "audio_vae.encoder.conv_out.conv.weight is [8, 512, 3, 3], expected [16, 512, 3, 3]",
                "audio_vae.encoder.down.1.downsample.conv.bias [256] is missing",
                "audio_vae.per_channel_statistics.std-of-means [128] is missing");
    }

    @Test
    void whatVersion23sVocoderLacksIsNamed() throws IOException {
        FullSizeFile file = FullSizeFile.of(VERSION_23)
                .without("vocoder.bwe_generator.act_post.act.beta")
                .without("vocoder.mel_stft.stft_fn.inverse_basis") // stored for nothing, so not missed
                .without("vocoder.vocoder.resblocks.17.acts2.2.downsample.lowpass.filter")
                .with("vocoder.mel_stft.mel_basis", 80L, 257L)
                .with("vocoder.vocoder.conv_post.bias", 2L);
        assertProblems(
                VERSION_23,
                file,
                "vocoder",
                VOCODER,
                List.of("vocoder.vocoder.conv_post.bias"),
                "vocoder.bwe_generator.act_post.act.beta [16] is missing",
                "vocoder.mel_stft.mel_basis is [80, 257], expected [64, 257]",
                "vocoder.vocoder.resblocks.17.acts2.2.downsample.lowpass.filter [1, 1, 12] is missing");
    }

    private void assertExactly(String keys, String part, Network network, int tensors, long elements)
            throws IOException {
        FullSizeFile file = FullSizeFile.of(keys);
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(keys, file, part, network, arena);
            weights.finish(part);
            assertEquals(List.of(), weights.leftOver());
        }
        List<List<Long>> found = file.shapes().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(part + "."))
                .map(Map.Entry::getValue)
                .toList();
        assertEquals(tensors, found.size());
        assertEquals(
                elements,
                found.stream()
                        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                        .sum());
    }

    private void assertProblems(
            String keys, FullSizeFile file, String part, Network network, List<String> leftOver, String... problems)
            throws IOException {
        try (TensorScope _ = TensorScope.open();
                TensorArena arena = new TensorArena()) {
            Weights weights = load(keys, file, part, network, arena);
            assertEquals(leftOver, weights.leftOver());
            CheckpointException refused = assertThrows(CheckpointException.class, () -> weights.finish(part));
            assertEquals(List.of(problems), refused.problems().stream().sorted().toList());
        }
    }

    private Weights load(String keys, FullSizeFile file, String part, Network network, TensorArena arena)
            throws IOException {
        Weights weights = Weights.of(
                        arena.own(file.open(folder.resolve("full-size.safetensors"))),
                        Device.CPU,
                        DataType.BFLOAT16,
                        arena)
                .under(part);
        var config = JSON.readTree(KEYS.resolve(keys).toFile()).get("config").get(part);
        network.load(ConfigSection.of(part, config), weights);
        return weights;
    }
}
