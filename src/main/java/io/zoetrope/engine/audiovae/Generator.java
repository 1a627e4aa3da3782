package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.audiovae.GeneratorConfig.Nonlinearity;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// From mel frames to a waveform: layers that each multiply the length and halve the width.
///
/// Source: Kong et al., HiFi-GAN (2020), and Lee et al., BigVGAN (2023); docs/model/audio-vae.md, sections 7 and 8.
final class Generator {

    static final int STEREO = 2;

    private static final int EDGE_KERNEL = 7;
    private static final double SLOPE = 0.1;
    private static final double LAST_SLOPE = 0.01;

    /// A transposed convolution that multiplies the length by `rate`, and residual blocks side by side.
    private record Layer(Tensor weight, Tensor bias, int rate, List<ResidualBlock1d> blocks) {

        Tensor upsample(Tensor hidden) {
            return hidden.convolveTransposed1d(weight, bias, rate, (weight.size(2) - rate) / 2, 1);
        }
    }

    private final GeneratorConfig config;
    private final Convolution1d enter;
    private final List<Layer> layers;
    private final Activation last;
    private final Convolution1d leave;

    private Generator(
            GeneratorConfig config, Convolution1d enter, List<Layer> layers, Activation last, Convolution1d leave) {
        this.config = config;
        this.enter = enter;
        this.layers = layers;
        this.last = last;
        this.leave = leave;
    }

    /// @param melBins of the spectrograms
    /// @param type    in which the generator computes
    static Generator load(GeneratorConfig config, int melBins, DataType type, Weights weights) {
        long channels = config.channels();
        Convolution1d enter =
                Convolution1d.load((long) STEREO * melBins, channels, EDGE_KERNEL, 1, type, weights.under("conv_pre"));
        List<Layer> layers = new ArrayList<>();
        for (int index = 0; index < config.rates().size(); index++) {
            Weights upsampling = weights.under("ups", index);
            long out = channels / 2;
            layers.add(new Layer(
                    upsampling.tensorAs(
                            type, "weight", channels, out, config.kernels().get(index)),
                    upsampling.tensorAs(type, "bias", out),
                    config.rates().get(index),
                    blocks(config, index, out, type, weights)));
            channels = out;
        }
        Weights leave = weights.under("conv_post");
        return new Generator(
                config,
                enter,
                List.copyOf(layers),
                last(config, channels, type, weights.under("act_post")),
                config.lastBias()
                        ? Convolution1d.load(channels, STEREO, EDGE_KERNEL, 1, type, leave)
                        : Convolution1d.withoutBias(channels, STEREO, EDGE_KERNEL, type, leave));
    }

    /// @param mel log mel `[B, 2, T, mel bins]` in the generator's type
    /// @return `[B, 2, T · samples per frame]`
    Tensor forward(Tensor mel, BiConsumer<String, Tensor> trace) {
        mel.requireShape(
                "log mel", Tensor.ANY, STEREO, Tensor.ANY, enter.weight().size(1) / STEREO);
        try (TensorScope scope = TensorScope.open()) {
            Tensor channels = mel.transpose(2, 3) // [B, 2, M, T]: left bins first
                    .reshape(mel.size(0), enter.weight().size(1), mel.size(2));
            Tensor hidden = enter.forward(channels);
            trace.accept("conv_pre", hidden);
            for (int index = 0; index < layers.size(); index++) {
                Tensor next = forward(index, hidden, trace);
                hidden.close();
                hidden = next;
            }
            Tensor activated = last.forward(hidden);
            hidden.close();
            trace.accept("act_post", activated);
            Tensor wave = leave.forward(activated);
            trace.accept("conv_post", wave);
            return scope.keep(
                    switch (config.ending()) {
                        case TANH -> wave.tanh();
                        case CLAMP -> wave.clamp(-1, 1);
                        case NONE -> wave;
                    });
        }
    }

    private Tensor forward(int index, Tensor hidden, BiConsumer<String, Tensor> trace) {
        Layer layer = layers.get(index);
        try (TensorScope scope = TensorScope.open()) {
            Tensor upsampled =
                    layer.upsample(config.nonlinearity() == Nonlinearity.LEAKY_RELU ? hidden.leakyRelu(SLOPE) : hidden);
            trace.accept("ups." + index, upsampled);
            return scope.keep(mean(index, upsampled, trace));
        }
    }

    /// All blocks of a layer read the same input; their results are averaged.
    private Tensor mean(int index, Tensor input, BiConsumer<String, Tensor> trace) {
        List<ResidualBlock1d> blocks = layers.get(index).blocks();
        Tensor laidOut = blocks.getFirst().channelsLast() ? input.channelsLast() : input;
        Tensor sum = null;
        for (int block = 0; block < blocks.size(); block++) {
            Tensor result = blocks.get(block).forward(laidOut);
            trace.accept("resblocks." + (index * blocks.size() + block), result);
            if (sum == null) {
                sum = result;
            } else {
                sum.plusInPlace(result);
                result.close();
            }
        }
        return sum.dividedBy(blocks.size());
    }

    private static List<ResidualBlock1d> blocks(
            GeneratorConfig config, int layer, long channels, DataType type, Weights weights) {
        List<ResidualBlock1d> blocks = new ArrayList<>();
        int count = config.blockKernels().size();
        for (int block = 0; block < count; block++) {
            blocks.add(ResidualBlock1d.load(
                    channels,
                    config.blockKernels().get(block),
                    config.blockDilations().get(block),
                    config.nonlinearity(),
                    type,
                    weights.under("resblocks", layer * count + block)));
        }
        return List.copyOf(blocks);
    }

    /// The last activation has two parameters even where the inner ones have one.
    private static Activation last(GeneratorConfig config, long channels, DataType type, Weights weights) {
        return switch (config.nonlinearity()) {
            case LEAKY_RELU -> new Activation.LeakyRelu(LAST_SLOPE);
            case SNAKE, SNAKE_BETA -> AntiAliasedSnake.load(channels, Nonlinearity.SNAKE_BETA, type, weights);
        };
    }
}
