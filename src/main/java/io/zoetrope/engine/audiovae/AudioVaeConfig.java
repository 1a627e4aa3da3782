package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.List;

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
/// @param hopLength            samples of a mel frame
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
        int hopLength) {

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException for what the engine does not implement
    public static AudioVaeConfig of(ConfigSection config) {
        ConfigSection parameters = config.section("model").section("params");
        ConfigSection network = parameters.section("ddconfig");
        ConfigSection preprocessing = config.section("preprocessing");
        network.require("double_z", true);
        network.require("norm_type", "pixel");
        network.require("causality_axis", "height");
        network.require("attn_type", "vanilla");
        return new AudioVaeConfig(
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
                preprocessing.section("stft").integer("hop_length", 160));
    }

    /// Mel bins of a latent.
    public int latentBins() {
        return melBins / timeScale();
    }

    /// Mel frames of a latent frame after the first.
    public int timeScale() {
        return 1 << (channelMultipliers.size() - 1);
    }

    boolean hasAttention(int level) {
        return attentionResolutions.contains(resolution >> level);
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
