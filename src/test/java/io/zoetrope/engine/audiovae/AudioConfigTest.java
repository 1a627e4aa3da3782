package io.zoetrope.engine.audiovae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.audiovae.GeneratorConfig.Ending;
import io.zoetrope.engine.audiovae.GeneratorConfig.Nonlinearity;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the configurations of the sound's networks say, and what they must not say.
class AudioConfigTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void absentKeysHaveTheReferencesDefaults() throws JsonProcessingException {
        assertEquals(
                new AudioVaeConfig(128, List.of(1, 2, 4), 2, 8, 2, 64, 256, List.of(8, 16, 32), true, 16000, 160, 1024),
                autoencoder("\"mel_bins\": 64"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "double_z": false                | double_z is false, expected true
            "causality_axis": "width"        | causality_axis is "width", expected height
            "causality_axis": null           | causality_axis is null, expected height
            "norm_type": "group"             | norm_type is "group", expected pixel
            "in_channels": 1                 | in_channels is 1, expected 2
            "z_channels": 0                  | z_channels is 0, expected a number above 0
            "ch_mult": [1, 0]                | ch_mult is [1, 0], expected 1 to 8 numbers above 0
            "ch_mult": [1, 1, 1, 1, 1, 1, 1] | mel_bins is 32, expected a multiple of 64
            """)
    void autoencodersThatAreNotImplementedAreRefused(String entry, String problem) {
        CheckpointException refused =
                assertThrows(CheckpointException.class, () -> autoencoder("\"mel_bins\": 32, " + entry));
        assertEquals(List.of(problem), refused.problems());
    }

    @Test
    void aSpectrogramWithoutBinsIsRefused() {
        assertThrows(CheckpointException.class, () -> autoencoder("\"ch\": 128"));
    }

    @Test
    void theFrameOfASpectrogramIsRead() throws JsonProcessingException {
        AudioVaeConfig config = AudioVaeConfig.of(ConfigSection.of("audio_vae", JSON.readTree("""
                {"preprocessing": {"stft": {"filter_length": 512, "hop_length": 128}, "mel": {"n_mel_channels": 80}}}
                """)));
        assertEquals(List.of(512, 128, 80), List.of(config.fftLength(), config.hopLength(), config.melBins()));
    }

    @ParameterizedTest(name = "{0} samples")
    @CsvSource({"0, 1", "159, 1", "639, 1", "640, 2", "80000, 126", "80666, 127"})
    void latentFramesOfASound(long samples, long frames) throws JsonProcessingException {
        assertEquals(frames, autoencoder("\"mel_bins\": 64").latentFrames(samples));
    }

    @Test
    void onlyTheFirstOfTwoGeneratorsEndsAWaveform() throws JsonProcessingException {
        var config = (VocoderConfig.BandwidthExtended) vocoder("\"use_tanh_at_final\": false", "");
        assertEquals(Ending.CLAMP, config.generator().ending());
        assertEquals(Ending.NONE, config.extension().ending());
        assertEquals(480, config.samplesPerFrame());
        config = (VocoderConfig.BandwidthExtended) vocoder("\"activation\": \"snake\"", "\"use_tanh_at_final\": true");
        assertEquals(Ending.TANH, config.generator().ending());
        assertEquals(Ending.NONE, config.extension().ending());
        assertEquals(Nonlinearity.SNAKE, config.generator().nonlinearity());
        assertEquals(Nonlinearity.SNAKE_BETA, config.extension().nonlinearity());
    }

    @Test
    void anExtendedVocoderComputesInFloat32AndAPlainOneInItsOwnType() throws JsonProcessingException {
        assertEquals(DataType.FLOAT32, vocoder("", "").computesIn(DataType.BFLOAT16));
        VocoderConfig plain = VocoderConfig.of(ConfigSection.of("vocoder", JSON.readTree("{\"bwe\": null}")));
        assertEquals(DataType.BFLOAT16, plain.computesIn(DataType.BFLOAT16));
        assertEquals(24000, plain.sampleRate());
        assertEquals(240, plain.samplesPerFrame());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            "hop_length": 160                  | upsample_rates is [6, 5, 2, 2, 2], expected a product of 480, hop_length times the ratio of the rates
            "output_sampling_rate": 44100      | output_sampling_rate is 44100, expected a multiple of input_sampling_rate 16000
            "n_fft": 511                       | n_fft is 511, expected an even number
            "hop_length": 0                    | hop_length is 0, expected a number above 0
            "resblock": "1"                    | resblock is "1", expected AMP1
            "stereo": false                    | stereo is false, expected true
            "activation": "relu"               | activation is relu, expected snakebeta or snake
            "upsample_initial_channel": 500    | upsample_initial_channel is 500, expected a number that can be halved 5 times
            "upsample_kernel_sizes": [12, 11]  | upsample_kernel_sizes is [12, 11], expected 5 numbers larger than the rates [6, 5, 2, 2, 2] by an even number
            "resblock_kernel_sizes": [3, 6, 9] | resblock_kernel_sizes is [3, 6, 9], expected odd numbers above 0
            "resblock_dilation_sizes": [[1]]   | resblock_dilation_sizes is [[1]], expected 3 lists of numbers above 0
            "upsample_rates": [9999, 9999, 9999, 9999, 9999], "upsample_kernel_sizes": [9999, 9999, 9999, 9999, 9999] | upsample_rates is [9999, 9999, 9999, 9999, 9999], expected a product of at most 65536
            """)
    void extensionsThatDoNotFitAreRefused(String entries, String problem) {
        CheckpointException refused = assertThrows(CheckpointException.class, () -> vocoder("", entries));
        assertEquals(List.of(problem), refused.problems());
        assertEquals(true, refused.getMessage().startsWith("config.vocoder.bwe"), refused.getMessage());
    }

    private static AudioVaeConfig autoencoder(String entries) throws JsonProcessingException {
        return AudioVaeConfig.of(ConfigSection.of(
                "audio_vae", JSON.readTree("{\"model\": {\"params\": {\"ddconfig\": {%s}}}}".formatted(entries))));
    }

    private static VocoderConfig vocoder(String generator, String extension) throws JsonProcessingException {
        return VocoderConfig.of(ConfigSection.of(
                "vocoder", JSON.readTree("{\"vocoder\": {%s}, \"bwe\": {%s}}".formatted(generator, extension))));
    }
}
