package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.audiovae.GeneratorConfig.Nonlinearity;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// `x + sin²(ax) / b`, computed at twice the sampling rate, so that the overtones it makes are not folded back into
/// the band.
///
/// Source: Lee et al., BigVGAN (2023). The filters are those of the checkpoint, not computed ones: rounding them
/// differently would be heard after some two hundred activations.
final class AntiAliasedSnake implements Activation {

    private static final int TAPS = 12;
    /// Samples beyond the ends that the kept part of the upsampling reads.
    private static final int UP_BORDER = 3;

    private static final int DOWN_BORDER_BEFORE = 5;
    private static final int DOWN_BORDER_BEHIND = 6;
    private static final int RATE = 2;
    private static final double EPSILON = 1e-9;

    private final Tensor frequency; // a, [C, 1]
    private final Tensor gain; // 1 / b, [C, 1]
    private final Tensor up; // [1, 1, 12], times the rate
    private final Tensor down; // [1, 1, 12]

    private AntiAliasedSnake(Tensor frequency, Tensor gain, Tensor up, Tensor down) {
        this.frequency = frequency;
        this.gain = gain;
        this.up = up;
        this.down = down;
    }

    /// @param kind SNAKE has one parameter for both a and b
    static AntiAliasedSnake load(long channels, Nonlinearity kind, DataType type, Weights weights) {
        try (TensorScope _ = TensorScope.open()) {
            Weights parameters = weights.under("act");
            Tensor a = parameters.tensorAs(type, "alpha", channels).exp().view(channels, 1);
            Tensor b = kind == Nonlinearity.SNAKE
                    ? a
                    : parameters.tensorAs(type, "beta", channels).exp().view(channels, 1);
            return new AntiAliasedSnake(
                    weights.derived(a),
                    weights.derived(b.plus(EPSILON).reciprocal()),
                    weights.derived(weights.tensorAs(type, "upsample.filter", 1, 1, TAPS)
                            .times(RATE)),
                    weights.tensorAs(type, "downsample.lowpass.filter", 1, 1, TAPS));
        }
    }

    @Override
    public Tensor forward(Tensor hidden) {
        long[] shape = hidden.shape(); // [B, C, T]
        try (TensorScope scope = TensorScope.open()) {
            Tensor doubled =
                    doubled(hidden.reshape(shape[0] * shape[1], 1, shape[2])).view(shape[0], shape[1], RATE * shape[2]);
            Tensor snake = snake(doubled);
            doubled.close();
            return scope.keep(
                    halved(snake.view(shape[0] * shape[1], 1, RATE * shape[2])).view(shape));
        }
    }

    /// All channels share one filter, so they are a batch of single channels here.
    private Tensor doubled(Tensor signals) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(
                    signals.pad("replicate", UP_BORDER, UP_BORDER).convolveTransposed1d(up, null, RATE, TAPS - 1, 1));
        }
    }

    private Tensor snake(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor wave = sine(hidden);
            return scope.keep(wave.timesInPlace(wave).timesInPlace(gain).plusInPlace(hidden));
        }
    }

    private Tensor sine(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(hidden.times(frequency).sin());
        }
    }

    private Tensor halved(Tensor signals) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(signals.pad("replicate", DOWN_BORDER_BEFORE, DOWN_BORDER_BEHIND)
                    .convolve1d(down, null, RATE, 0, 1));
        }
    }
}
