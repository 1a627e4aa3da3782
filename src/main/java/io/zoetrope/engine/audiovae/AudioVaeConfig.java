package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The shape of the audio autoencoder, from `config.audio_vae` of a checkpoint.
///
/// @param baseChannels         `ch`
/// @param channelMultipliers   of the levels, from the spectrogram to the latent
/// @param residualBlocks       of an encoder level; a decoder level has one more
/// @param latentChannels       Z
/// @param spectrogramChannels  2, left and right
/// @param melBins              of the spectrogram
/// @param resolution           nominal size of the first level, halved at each following one
/// @param attentionResolutions nominal sizes of the levels with attention
/// @param middleAttention      whether there is attention between the middle blocks
/// @param sampleRate           that the spectrogram describes, Hz
/// @param hopLength            samples from one mel frame to the next
/// @param fftLength            samples in a mel frame
public record AudioVaeConfig(
        int baseChannels,
        List<Integer> channelMultipliers,
        int residualBlocks,
        int latentChannels,
        int spectrogramChannels,
        int melBins,
        int resolution,
        List<Integer> attentionResolutions,
        boolean middleAttention,
        int sampleRate,
        int hopLength,
        int fftLength) {

    private static final int MOST_LEVELS = 8;

    /// Keys of the network that have one value in every release.
    private static final Map<String, Object> FIXED = Map.of(
            "double_z",
            true,
            "norm_type",
            "pixel",
            "causality_axis",
            "height",
            "attn_type",
            "vanilla",
            "in_channels",
            2,
            "out_ch",
            2);

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing everything that is not implemented
    public static AudioVaeConfig of(ConfigSection config) {
        ConfigSection parameters = config.section("model").section("params");
        ConfigSection network = parameters.section("ddconfig");
        ConfigSection preprocessing = config.section("preprocessing");
        AudioVaeConfig read = new AudioVaeConfig(
                network.integer("ch", 128),
                network.integers("ch_mult", List.of(1, 2, 4)),
                network.integer("num_res_blocks", 2),
                network.integer("z_channels", 8),
                network.integer("out_ch", 2),
                melBins(config, network, preprocessing),
                network.integer("resolution", 256),
                network.integers("attn_resolutions", List.of(8, 16, 32)),
                network.flag("mid_block_add_attention", true),
                parameters.integer("sampling_rate", 16000),
                preprocessing.section("stft").integer("hop_length", 160),
                preprocessing.section("stft").integer("filter_length", 1024));
        List<String> problems = new ArrayList<>(network.deviations(FIXED));
        if (network.json().path("causality_axis").isNull()) {
            problems.add("causality_axis is null, expected height"); // not the same as absent: a network without one
        }
        problems.addAll(read.problems());
        if (!problems.isEmpty()) {
            throw network.refusal(problems);
        }
        return read;
    }

    /// Mel bins of a latent.
    public int latentBins() {
        return melBins / timeScale();
    }

    /// Mel frames of a latent frame after the first.
    public int timeScale() {
        return 1 << deepestLevel();
    }

    /// Latent frames of a sound, as the encoder makes them.
    ///
    /// @param samples at [#sampleRate()], in each channel
    public long latentFrames(long samples) {
        long melFrames = samples / hopLength + 1;
        return (melFrames - 1) / timeScale() + 1;
    }

    /// Elements of the widest activation for each mel frame. Every level but the first ends at the size of the one
    /// before it, doubled on both axes but not yet narrowed.
    public int widestElementsPerMelFrame() {
        int widest = 0;
        for (int level = 0; level < channelMultipliers.size(); level++) {
            int halvings = Math.max(0, level - 1);
            widest = Math.max(widest, channelMultipliers.get(level) * baseChannels * melBins >> 2 * halvings);
        }
        return widest;
    }

    /// The level at the latent's size.
    int deepestLevel() {
        return channelMultipliers.size() - 1;
    }

    /// Channels of a level.
    long channels(int level) {
        return (long) baseChannels * channelMultipliers.get(level);
    }

    boolean hasAttention(int level) {
        return attentionResolutions.contains(resolution >> level);
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        requirePositive(problems, "ch", baseChannels);
        requirePositive(problems, "num_res_blocks", residualBlocks);
        requirePositive(problems, "z_channels", latentChannels);
        requirePositive(problems, "mel_bins", melBins);
        requirePositive(problems, "sampling_rate", sampleRate);
        requirePositive(problems, "hop_length", hopLength);
        if (fftLength < 2 || fftLength % 2 != 0) {
            problems.add("filter_length is %d, expected an even number above 0".formatted(fftLength));
        }
        boolean levels = channelMultipliers.stream().allMatch(multiplier -> multiplier > 0);
        if (channelMultipliers.isEmpty() || channelMultipliers.size() > MOST_LEVELS || !levels) {
            problems.add("ch_mult is %s, expected 1 to %d numbers above 0".formatted(channelMultipliers, MOST_LEVELS));
        } else if (melBins % timeScale() != 0) {
            problems.add("mel_bins is %d, expected a multiple of %d".formatted(melBins, timeScale()));
        }
        return problems;
    }

    private static void requirePositive(List<String> problems, String key, int value) {
        if (value < 1) {
            problems.add("%s is %d, expected a number above 0".formatted(key, value));
        }
    }

    private static int melBins(ConfigSection config, ConfigSection network, ConfigSection preprocessing) {
        if (network.has("mel_bins")) {
            return network.integer("mel_bins");
        }
        ConfigSection mel = preprocessing.section("mel");
        return mel.has("n_mel_channels")
                ? mel.integer("n_mel_channels")
                : config.section("variables").integer("mel_bins");
    }
}
