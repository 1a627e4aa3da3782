package io.zoetrope.engine.audiovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.List;

/// The shape of the vocoder of 2.0, from `config.vocoder` of a checkpoint.
///
/// @param channels        after the first convolution, halved by each upsampling layer
/// @param rates           by which each layer multiplies the length
/// @param kernels         of the upsampling layers
/// @param blockKernels    of the residual blocks that follow each layer, side by side
/// @param blockDilations  of each residual block's convolutions
/// @param sampleRate      of the waveform, Hz
public record VocoderConfig(
        int channels,
        List<Integer> rates,
        List<Integer> kernels,
        List<Integer> blockKernels,
        List<List<Integer>> blockDilations,
        int sampleRate) {

    /// @throws io.zoetrope.engine.checkpoint.CheckpointException for what the engine does not implement
    public static VocoderConfig of(ConfigSection config) {
        if (config.has("bwe")) {
            throw config.refusal("bwe", "present", "the vocoder of LTX-2.0, without bandwidth extension");
        }
        config.require("resblock", "1");
        config.require("stereo", true);
        List<List<Integer>> dilations = new ArrayList<>();
        for (JsonNode block : config.json().path("resblock_dilation_sizes")) {
            List<Integer> sizes = new ArrayList<>();
            block.forEach(size -> sizes.add(size.asInt()));
            dilations.add(List.copyOf(sizes));
        }
        VocoderConfig vocoder = new VocoderConfig(
                config.integer("upsample_initial_channel", 1024),
                config.integers("upsample_rates", List.of(6, 5, 2, 2, 2)),
                config.integers("upsample_kernel_sizes", List.of(16, 15, 8, 4, 4)),
                config.integers("resblock_kernel_sizes", List.of(3, 7, 11)),
                dilations.isEmpty() ? List.of(List.of(1, 3, 5), List.of(1, 3, 5), List.of(1, 3, 5)) : dilations,
                config.integer("output_sampling_rate", 24000));
        if (vocoder.rates().size() != vocoder.kernels().size()) {
            throw config.refusal(
                    "upsample_kernel_sizes", vocoder.kernels(), vocoder.rates().size() + " entries");
        }
        if (vocoder.blockKernels().size() != vocoder.blockDilations().size()) {
            throw config.refusal(
                    "resblock_dilation_sizes",
                    vocoder.blockDilations(),
                    vocoder.blockKernels().size() + " entries");
        }
        return vocoder;
    }

    public VocoderConfig {
        blockDilations = List.copyOf(blockDilations);
    }

    /// Samples of a mel frame.
    public int samplesPerFrame() {
        return rates.stream().reduce(1, (product, rate) -> product * rate);
    }
}
