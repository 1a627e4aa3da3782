package io.zoetrope.engine.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// The audio autoencoder's and the vocoder's configuration of a diffusers folder become the official `audio_vae` and
/// `vocoder`.
final class DiffusersAudio {

    /// A vocoder with bandwidth extension has the second network's keys with this in front.
    private static final String EXTENSION = "bwe_";
    private static final double SLOPE = 0.1;

    private DiffusersAudio() {}

    static void autoencoder(DiffusersSection section, ObjectNode official) {
        ObjectNode parameters = official.putObject("model").putObject("params");
        ObjectNode network = parameters.putObject("ddconfig");
        section.fixed(Map.of("dropout", 0, "quantization_config", "null"));
        section.copy(
                network,
                "ch_mult",
                "num_res_blocks",
                "in_channels",
                "resolution",
                "double_z",
                "norm_type",
                "causality_axis",
                "mid_block_add_attention",
                "mel_bins");
        section.copyAs(network, "base_channels", "ch");
        section.copyAs(network, "latent_channels", "z_channels");
        section.copyAs(network, "output_channels", "out_ch");
        network.set(
                "attn_resolutions",
                section.get("attn_resolutions").orElseGet(JsonNodeFactory.instance::arrayNode)); // null means none
        section.copyAs(parameters, "sample_rate", "sampling_rate");
        ObjectNode preprocessing = official.putObject("preprocessing");
        ObjectNode transform = preprocessing.putObject("stft");
        section.copyAs(transform, "mel_hop_length", "hop_length");
        section.copyAs(transform, "is_causal", "causal");
        section.copyAs(preprocessing.putObject("mel"), "mel_bins", "n_mel_channels");
        section.finish();
    }

    static void vocoder(DiffusersSection section, ObjectNode official) {
        section.fixed(Map.of("quantization_config", "null"));
        if (section.get(EXTENSION + "hidden_channels").isEmpty()) {
            section.fixed(
                    Map.of("act_fn", "leaky_relu", "final_act_fn", "tanh", "final_bias", true, "antialias", false));
            section.ignore("antialias_ratio", "antialias_kernel_size");
            generator(section, "", official).put("resblock", "1");
            section.copy(official, "output_sampling_rate");
        } else {
            snake(section, "", official.putObject("vocoder"));
            ObjectNode extension = official.putObject("bwe");
            snake(section, EXTENSION, extension).put("apply_final_activation", false);
            section.copy(extension, "input_sampling_rate", "output_sampling_rate", "hop_length");
            section.copyAs(extension, "filter_length", "n_fft");
            section.copyAs(extension, "window_length", "win_size");
            section.copyAs(extension, "num_mel_channels", "num_mels");
        }
        section.finish();
    }

    private static ObjectNode snake(DiffusersSection section, String prefix, ObjectNode official) {
        // The resampling filters are weights; these are their sizes.
        section.fixed(Map.of(
                prefix + "antialias", true, prefix + "antialias_ratio", 2, prefix + "antialias_kernel_size", 12));
        generator(section, prefix, official).put("resblock", "AMP1");
        section.copyAs(official, prefix + "act_fn", "activation");
        section.copyAs(official, prefix + "final_bias", "use_bias_at_final");
        String ending = section.get(prefix + "final_act_fn")
                .map(value -> value.asText())
                .orElse("");
        if (!ending.isEmpty() && !ending.equals("tanh") && !ending.equals("clamp")) {
            section.problem("%sfinal_act_fn is %s, expected tanh, clamp or null".formatted(prefix, ending));
        }
        return official.put("use_tanh_at_final", ending.equals("tanh"));
    }

    private static ObjectNode generator(DiffusersSection section, String prefix, ObjectNode official) {
        section.fixed(Map.of(prefix + "out_channels", 2, prefix + "leaky_relu_negative_slope", SLOPE));
        section.ignore(prefix + "in_channels"); // two sounds' mel bins; the first weight is checked against it
        section.copyAs(official, prefix + "hidden_channels", "upsample_initial_channel");
        section.copyAs(official, prefix + "upsample_factors", "upsample_rates");
        section.copyAs(official, prefix + "upsample_kernel_sizes", "upsample_kernel_sizes");
        section.copyAs(official, prefix + "resnet_kernel_sizes", "resblock_kernel_sizes");
        section.copyAs(official, prefix + "resnet_dilations", "resblock_dilation_sizes");
        return official.put("stereo", true);
    }
}
