package io.zoetrope.engine.audiovae;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// The shape of one network from spectrograms to waveforms.
///
/// @param channels       after the first convolution, halved by each upsampling layer
/// @param rates          by which each layer multiplies the length
/// @param kernels        of the upsampling layers
/// @param blockKernels   of the residual blocks that follow each layer, side by side
/// @param blockDilations of each residual block's convolutions
/// @param nonlinearity   inside the residual blocks
/// @param ending         what is done to the last convolution's result
/// @param lastBias       whether the last convolution has a bias
record GeneratorConfig(
        int channels,
        List<Integer> rates,
        List<Integer> kernels,
        List<Integer> blockKernels,
        List<List<Integer>> blockDilations,
        Nonlinearity nonlinearity,
        Ending ending,
        boolean lastBias) {

    enum Nonlinearity {
        LEAKY_RELU,
        /// x + sin²(ax) / a
        SNAKE,
        /// x + sin²(ax) / b
        SNAKE_BETA
    }

    enum Ending {
        TANH,
        CLAMP,
        NONE
    }

    private static final int MOST_LAYERS = 16;
    private static final int MOST_SAMPLES_PER_FRAME = 1 << 16;
    private static final List<Integer> PUBLISHED_DILATIONS = List.of(1, 3, 5);

    GeneratorConfig {
        blockDilations = List.copyOf(blockDilations);
    }

    /// HiFi-GAN, the generator of 2.0.
    static GeneratorConfig hifiGan(ConfigSection config) {
        List<String> problems = new ArrayList<>();
        requireValue(config, "resblock", "1", problems);
        return read(
                config,
                new Defaults(1024, List.of(6, 5, 2, 2, 2), List.of(16, 15, 8, 4, 4)),
                Nonlinearity.LEAKY_RELU,
                Ending.TANH,
                true,
                problems);
    }

    /// BigVGAN, which 2.3 has twice.
    ///
    /// @param last whether the result is not a waveform yet, and is left as it is
    static GeneratorConfig bigVgan(ConfigSection config, Defaults defaults, boolean last) {
        List<String> problems = new ArrayList<>();
        requireValue(config, "resblock", "AMP1", problems);
        Ending ending = config.flag("use_tanh_at_final", true) ? Ending.TANH : Ending.CLAMP;
        return read(
                config,
                defaults,
                nonlinearity(config, problems),
                last ? Ending.NONE : ending,
                config.flag("use_bias_at_final", true),
                problems);
    }

    /// Values of absent keys.
    record Defaults(int channels, List<Integer> rates, List<Integer> kernels) {}

    /// Samples of a frame that comes in.
    int samplesPerFrame() {
        return rates.stream().reduce(1, Math::multiplyExact);
    }

    /// Elements of the widest activation for each frame that comes in.
    int widestElementsPerFrame() {
        int widest = channels;
        int samples = 1;
        int width = channels;
        for (int rate : rates) {
            samples *= rate;
            width /= 2;
            widest = Math.max(widest, samples * width);
        }
        return widest;
    }

    private static GeneratorConfig read(
            ConfigSection config,
            Defaults defaults,
            Nonlinearity nonlinearity,
            Ending ending,
            boolean lastBias,
            List<String> problems) {
        requireValue(config, "stereo", true, problems);
        List<Integer> blockKernels = config.integers("resblock_kernel_sizes", List.of(3, 7, 11));
        GeneratorConfig read = new GeneratorConfig(
                config.integer("upsample_initial_channel", defaults.channels()),
                config.integers("upsample_rates", defaults.rates()),
                config.integers("upsample_kernel_sizes", defaults.kernels()),
                blockKernels,
                dilations(config, blockKernels.size()),
                nonlinearity,
                ending,
                lastBias);
        problems.addAll(read.problems());
        if (!problems.isEmpty()) {
            throw config.refusal(problems);
        }
        return read;
    }

    private static Nonlinearity nonlinearity(ConfigSection config, List<String> problems) {
        String name = config.text("activation", "snakebeta");
        return switch (name) {
            case "snakebeta" -> Nonlinearity.SNAKE_BETA;
            case "snake" -> Nonlinearity.SNAKE;
            default -> {
                problems.add("activation is %s, expected snakebeta or snake".formatted(name));
                yield Nonlinearity.SNAKE_BETA;
            }
        };
    }

    private static void requireValue(ConfigSection config, String key, Object value, List<String> problems) {
        problems.addAll(config.deviations(Map.of(key, value)));
    }

    private static List<List<Integer>> dilations(ConfigSection config, int blocks) {
        if (!config.has("resblock_dilation_sizes")) {
            return Collections.nCopies(blocks, PUBLISHED_DILATIONS);
        }
        List<List<Integer>> dilations = new ArrayList<>();
        for (JsonNode list : config.json().get("resblock_dilation_sizes")) {
            List<Integer> sizes = new ArrayList<>();
            list.forEach(size -> sizes.add(size.isInt() ? size.asInt() : 0));
            dilations.add(List.copyOf(sizes));
        }
        return dilations;
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        int layers = rates.size();
        if (layers < 1 || rates.stream().anyMatch(rate -> rate < 1)) {
            problems.add("upsample_rates is %s, expected numbers above 0".formatted(rates));
        } else if (rates.stream().mapToDouble(rate -> rate).reduce(1, (a, b) -> a * b) > MOST_SAMPLES_PER_FRAME) {
            problems.add(
                    "upsample_rates is %s, expected a product of at most %d".formatted(rates, MOST_SAMPLES_PER_FRAME));
        }
        if (channels < 1 || layers > MOST_LAYERS || channels % (1 << layers) != 0) {
            problems.add("upsample_initial_channel is %d, expected a number that can be halved %d times"
                    .formatted(channels, layers));
        }
        boolean fit = kernels.size() == layers;
        for (int layer = 0; fit && layer < layers; layer++) {
            int surplus = kernels.get(layer) - rates.get(layer);
            fit = surplus >= 0 && surplus % 2 == 0;
        }
        if (!fit) {
            problems.add("upsample_kernel_sizes is %s, expected %d numbers larger than the rates %s by an even number"
                    .formatted(kernels, layers, rates));
        }
        if (blockKernels.isEmpty() || blockKernels.stream().anyMatch(kernel -> kernel < 1 || kernel % 2 == 0)) {
            problems.add("resblock_kernel_sizes is %s, expected odd numbers above 0".formatted(blockKernels));
        }
        boolean positive = blockDilations.stream()
                .allMatch(list -> !list.isEmpty() && list.stream().allMatch(dilation -> dilation > 0));
        if (blockDilations.size() != blockKernels.size() || !positive) {
            problems.add("resblock_dilation_sizes is %s, expected %d lists of numbers above 0"
                    .formatted(blockDilations, blockKernels.size()));
        }
        return problems;
    }
}
