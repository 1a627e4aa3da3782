package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/// Log mel spectrograms to waveforms: HiFi-GAN, the vocoder of 2.0.
///
/// Source: Kong et al., HiFi-GAN (2020); docs/model/audio-vae.md, section 7.
public final class Vocoder {

    private static final int EDGE_KERNEL = 7;
    private static final int STEREO = 2;
    private static final double SLOPE = 0.1;
    private static final double LAST_SLOPE = 0.01;
    private static final BiConsumer<String, Tensor> NO_TRACE = (_, _) -> {};

    /// A one-dimensional convolution that keeps the length.
    private record Convolution(Tensor weight, Tensor bias, int dilation) {

        static Convolution load(long in, long out, int kernel, int dilation, Weights weights) {
            return new Convolution(weights.tensor("weight", out, in, kernel), weights.tensor("bias", out), dilation);
        }

        Tensor forward(Tensor hidden) {
            long padding = dilation * (weight.size(2) - 1) / 2;
            return hidden.convolve1d(weight, bias, 1, padding, dilation);
        }
    }

    /// Pairs of convolutions, each with a skip around it.
    private record ResidualBlock(List<Convolution> dilated, List<Convolution> plain) {

        static ResidualBlock load(long channels, int kernel, List<Integer> dilations, Weights weights) {
            List<Convolution> dilated = new ArrayList<>();
            List<Convolution> plain = new ArrayList<>();
            for (int index = 0; index < dilations.size(); index++) {
                dilated.add(Convolution.load(
                        channels, channels, kernel, dilations.get(index), weights.under("convs1", index)));
                plain.add(Convolution.load(channels, channels, kernel, 1, weights.under("convs2", index)));
            }
            return new ResidualBlock(List.copyOf(dilated), List.copyOf(plain));
        }

        Tensor forward(Tensor hidden) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor current = hidden;
                for (int index = 0; index < dilated.size(); index++) {
                    Tensor detail = dilated.get(index).forward(current.leakyRelu(SLOPE));
                    current = current.plus(plain.get(index).forward(detail.leakyRelu(SLOPE)));
                }
                return scope.keep(current);
            }
        }
    }

    /// A transposed convolution that multiplies the length, and residual blocks side by side.
    private record Layer(Tensor weight, Tensor bias, int rate, List<ResidualBlock> blocks) {

        Tensor upsample(Tensor hidden) {
            return hidden.leakyRelu(SLOPE).convolveTransposed1d(weight, bias, rate, (weight.size(2) - rate) / 2, 1);
        }
    }

    private final VocoderConfig config;
    private final Convolution enter;
    private final List<Layer> layers;
    private final Convolution leave;

    private Vocoder(VocoderConfig config, Convolution enter, List<Layer> layers, Convolution leave) {
        this.config = config;
        this.enter = enter;
        this.layers = layers;
        this.leave = leave;
    }

    /// @param melBins of the spectrograms
    /// @param weights at `vocoder`
    public static Vocoder load(VocoderConfig config, int melBins, Weights weights) {
        long channels = config.channels();
        Convolution enter =
                Convolution.load((long) STEREO * melBins, channels, EDGE_KERNEL, 1, weights.under("conv_pre"));
        List<Layer> layers = new ArrayList<>();
        for (int index = 0; index < config.rates().size(); index++) {
            Weights upsampling = weights.under("ups", index);
            long out = channels / 2;
            layers.add(new Layer(
                    upsampling.tensor("weight", channels, out, config.kernels().get(index)),
                    upsampling.tensor("bias", out),
                    config.rates().get(index),
                    blocks(config, index, out, weights)));
            channels = out;
        }
        return new Vocoder(
                config,
                enter,
                List.copyOf(layers),
                Convolution.load(channels, STEREO, EDGE_KERNEL, 1, weights.under("conv_post")));
    }

    public VocoderConfig config() {
        return config;
    }

    /// @param mel log mel `[B, 2, T, mel bins]`
    /// @return waveform in [-1, 1], `[B, 2, T · samples per frame]`, in the spectrogram's type
    public Tensor synthesise(Tensor mel) {
        return synthesise(mel, NO_TRACE);
    }

    /// Synthesises and hands intermediate results to `trace`, which must copy what it wants to keep.
    public Tensor synthesise(Tensor mel, BiConsumer<String, Tensor> trace) {
        mel.requireShape(
                "log mel", Tensor.ANY, STEREO, Tensor.ANY, enter.weight().size(1) / STEREO);
        try (TensorScope scope = TensorScope.open()) {
            Tensor channels = mel.to(enter.weight().type())
                    .transpose(2, 3) // [B, 2, M, T]: left bins first
                    .reshape(mel.size(0), enter.weight().size(1), mel.size(2));
            Tensor hidden = enter.forward(channels);
            trace.accept("conv_pre", hidden);
            for (int index = 0; index < layers.size(); index++) {
                Layer layer = layers.get(index);
                try (TensorScope layerScope = TensorScope.open()) {
                    Tensor upsampled = layer.upsample(hidden);
                    trace.accept("ups." + index, upsampled);
                    hidden = layerScope.keep(mean(layer.blocks(), upsampled));
                }
            }
            Tensor last = leave.forward(hidden.leakyRelu(LAST_SLOPE));
            trace.accept("conv_post", last);
            return scope.keep(last.tanh().to(mel.type()));
        }
    }

    private static List<ResidualBlock> blocks(VocoderConfig config, int layer, long channels, Weights weights) {
        List<ResidualBlock> blocks = new ArrayList<>();
        int count = config.blockKernels().size();
        for (int block = 0; block < count; block++) {
            blocks.add(ResidualBlock.load(
                    channels,
                    config.blockKernels().get(block),
                    config.blockDilations().get(block),
                    weights.under("resblocks", layer * count + block)));
        }
        return List.copyOf(blocks);
    }

    /// All blocks read the same input; their results are averaged.
    private static Tensor mean(List<ResidualBlock> blocks, Tensor input) {
        Tensor sum = blocks.getFirst().forward(input);
        for (ResidualBlock block : blocks.subList(1, blocks.size())) {
            sum = sum.plus(block.forward(input));
        }
        return sum.dividedBy(blocks.size());
    }
}
