package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.audiovae.GeneratorConfig.Nonlinearity;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// Pairs of convolutions, the first of each dilated, with a skip around each pair.
///
/// @param channelsLast whether they work on the layout of [Tensor#channelsLast]
record ResidualBlock1d(List<Pair> pairs, boolean channelsLast) {

    private static final Activation LEAKY_RELU = new Activation.LeakyRelu(0.1);

    /// Activation, dilated convolution, activation, plain convolution.
    record Pair(Activation before, Convolution1d dilated, Activation between, Convolution1d plain) {

        /// @return `hidden` and what the pair adds to it, new
        Tensor forward(Tensor hidden) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor activated = before.forward(hidden);
                Tensor spread = dilated.forward(activated);
                activated.close();
                Tensor activatedAgain = between.forward(spread);
                spread.close();
                return scope.keep(plain.forward(activatedAgain).plusInPlace(hidden));
            }
        }
    }

    private static final long FEWEST_CHANNELS_LAST = 8;
    private static final long MOST_CHANNELS_LAST = 64;

    /// Where the layout with channels last is the faster one: kernels of the CPU that fill up wide layers by
    /// themselves, and float32.
    static boolean prefersChannelsLast(long channels, Nonlinearity nonlinearity, DataType type, Weights weights) {
        return channels >= FEWEST_CHANNELS_LAST
                && channels <= MOST_CHANNELS_LAST
                && nonlinearity == Nonlinearity.LEAKY_RELU
                && type == DataType.FLOAT32
                && weights.device().isCpu();
    }

    static ResidualBlock1d load(
            long channels,
            int kernel,
            List<Integer> dilations,
            Nonlinearity nonlinearity,
            DataType type,
            Weights weights) {
        boolean channelsLast = prefersChannelsLast(channels, nonlinearity, type, weights);
        List<Pair> pairs = new ArrayList<>();
        for (int index = 0; index < dilations.size(); index++) {
            pairs.add(new Pair(
                    activation(channels, nonlinearity, type, weights.under("acts1", index)),
                    Convolution1d.load(
                                    channels,
                                    channels,
                                    kernel,
                                    dilations.get(index),
                                    type,
                                    weights.under("convs1", index))
                            .inChannelsLast(channelsLast),
                    activation(channels, nonlinearity, type, weights.under("acts2", index)),
                    Convolution1d.load(channels, channels, kernel, 1, type, weights.under("convs2", index))
                            .inChannelsLast(channelsLast)));
        }
        return new ResidualBlock1d(List.copyOf(pairs), channelsLast);
    }

    /// @param hidden `[B, C, T]`, laid out as the block wants it
    /// @return the same shape and layout, new
    Tensor forward(Tensor hidden) {
        Tensor current = hidden;
        for (Pair pair : pairs) {
            Tensor next = pair.forward(current);
            if (current != hidden) {
                current.close();
            }
            current = next;
        }
        return current;
    }

    private static Activation activation(long channels, Nonlinearity kind, DataType type, Weights weights) {
        return switch (kind) {
            case LEAKY_RELU -> LEAKY_RELU;
            case SNAKE, SNAKE_BETA -> AntiAliasedSnake.load(channels, kind, type, weights);
        };
    }
}
