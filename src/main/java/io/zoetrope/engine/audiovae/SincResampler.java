package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Multiplies a sampling rate by a whole number: a windowed sinc, 13 zero crossings wide.
final class SincResampler {

    private static final double ROLL_OFF = 0.99;
    private static final double LOBES = 6;
    private static final int WIDTH = (int) Math.ceil(LOBES / ROLL_OFF);

    private final Tensor filter; // [1, 1, 2 · width · ratio + 1], times the ratio
    private final int ratio;

    private SincResampler(Tensor filter, int ratio) {
        this.filter = filter;
        this.ratio = ratio;
    }

    /// @return belongs to the scope that is open now
    static SincResampler of(int ratio, DataType type, Device device) {
        double[] taps = new double[2 * WIDTH * ratio + 1];
        for (int tap = 0; tap < taps.length; tap++) {
            double time = ((double) tap / ratio - WIDTH) * ROLL_OFF;
            double window = Math.pow(Math.cos(Math.PI * Math.clamp(time, -LOBES, LOBES) / LOBES / 2), 2);
            taps[tap] = sinc(time) * window * ROLL_OFF; // the ratio, and one over it, cancel
        }
        try (TensorScope scope = TensorScope.open()) {
            return new SincResampler(
                    scope.keep(Tensor.of(taps, 1, 1, taps.length).to(device, type)), ratio);
        }
    }

    /// @param wave `[B, C, N]`
    /// @return `[B, C, ratio · N]`
    Tensor forward(Tensor wave) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor spread = wave.reshape(wave.size(0) * wave.size(1), 1, wave.size(2))
                    .pad("replicate", WIDTH, WIDTH)
                    .convolveTransposed1d(filter, null, ratio, 0, 1);
            return scope.keep(spread.narrow(2, 2L * WIDTH * ratio, ratio * wave.size(2))
                    .reshape(wave.size(0), wave.size(1), ratio * wave.size(2)));
        }
    }

    private static double sinc(double time) {
        return time == 0 ? 1 : Math.sin(Math.PI * time) / (Math.PI * time);
    }
}
