package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Converts waveforms from one sampling rate to another: a sinc under a squared cosine, six zero crossings to either
/// side.
///
/// Of every `to` results, which stand for `from` samples, each has a place of its own between the samples, and taps
/// that belong to that place.
///
/// @param from  sampling rate over the greatest common divisor of both
/// @param to    the other rate, likewise
/// @param width taps before a place; as many follow it
/// @param taps  `[to, 2 · width + 1]`
/// @param edge  what is beyond both ends
record SincResampler(int from, int to, int width, Tensor taps, Edge edge) {

    /// Rates above are refused: the kernel grows with them.
    static final int HIGHEST_RATE = 768_000;

    /// Neighbours of results that are laid out side by side at once, in all signals together.
    private static final long MOST_NEIGHBOURS = 1 << 22;

    private static final double ROLL_OFF = 0.99;
    private static final double ZERO_CROSSINGS = 6;

    enum Edge {
        SILENCE("constant"),
        LAST_SAMPLE("replicate");

        private final String mode;

        Edge(String mode) {
            this.mode = mode;
        }
    }

    /// @param from Hz
    /// @param to   Hz
    /// @return its taps belong to the scope that is open now
    /// @throws IllegalArgumentException naming a rate that is too low or high
    static SincResampler of(int from, int to, Edge edge, DataType type, Device device) {
        requireRates(from, to);
        int divisor = BigInteger.valueOf(from).gcd(BigInteger.valueOf(to)).intValue();
        int source = from / divisor;
        int target = to / divisor;
        double band = ROLL_OFF * Math.min(source, target); // zero crossings in `source` samples
        int width = (int) Math.ceil(ZERO_CROSSINGS * source / band);
        int length = 2 * width + 1;
        double[] taps = new double[target * length];
        for (int phase = 0; phase < target; phase++) {
            double beyond = (double) ((long) phase * source % target) / target; // from the sample to the place
            for (int tap = 0; tap < length; tap++) {
                double time = (tap - width - beyond) * band / source;
                taps[phase * length + tap] = windowedSinc(time) * band / source;
            }
        }
        try (TensorScope scope = TensorScope.open()) {
            Tensor kernel = Tensor.of(taps, target, length).to(device, type);
            return new SincResampler(source, target, width, scope.keep(kernel), edge);
        }
    }

    /// @return ceil(samples · to / from)
    /// @throws IllegalArgumentException naming a rate that is too low or high
    static long resampledLength(long samples, int from, int to) {
        requireRates(from, to);
        return Math.ceilDiv(samples * to, from);
    }

    /// One conversion, with silence beyond the ends.
    ///
    /// @param wave `[B, C, N]`
    /// @param from its rate, Hz
    /// @param to   Hz
    /// @return `[B, C, ceil(N · to / from)]`; `wave` itself if both rates are the same
    static Tensor resample(Tensor wave, int from, int to) {
        if (from == to) {
            return wave;
        }
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(
                    of(from, to, Edge.SILENCE, wave.type(), wave.device()).forward(wave));
        }
    }

    /// @param wave `[B, C, N]`
    /// @return `[B, C, ceil(N · to / from)]`
    Tensor forward(Tensor wave) {
        long samples = wave.size(2);
        long rounds = Math.ceilDiv(samples, from);
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = wave.reshape(wave.size(0) * wave.size(1), 1, samples)
                    .pad(edge.mode, width, width + from)
                    .squeeze(1); // [B · C, …]
            long most = Math.max(1, MOST_NEIGHBOURS / (padded.size(0) * taps.size(1)));
            List<Tensor> parts = new ArrayList<>();
            for (long start = 0; start < rounds; start += most) {
                parts.add(rounds(padded, start, Math.min(most, rounds - start)));
            }
            return scope.keep(Tensor.concatenate(1, parts.toArray(Tensor[]::new))
                    .reshape(wave.size(0), wave.size(1), rounds * to)
                    .narrow(2, 0, resampledLength(samples, from, to)));
        }
    }

    /// Phases that begin at the same sample are computed together.
    ///
    /// @return `[B · C, count, to]`
    private Tensor rounds(Tensor padded, long start, long count) {
        try (TensorScope scope = TensorScope.open()) {
            List<Tensor> results = new ArrayList<>();
            for (int phase = 0; phase < to; ) {
                int first = firstSample(phase, from, to);
                int next = phase + 1;
                while (next < to && firstSample(next, from, to) == first) {
                    next++;
                }
                results.add(padded.narrow(1, start * from + first, (count - 1) * from + taps.size(1))
                        .windows(1, taps.size(1), from) // [B · C, count, 2 · width + 1]
                        .linear(taps.narrow(0, phase, next - phase), null)); // [B · C, count, phases]
                phase = next;
            }
            return scope.keep(Tensor.concatenate(2, results.toArray(Tensor[]::new)));
        }
    }

    /// The sample at the place of a result or just before it.
    private static int firstSample(int phase, int from, int to) {
        return (int) ((long) phase * from / to);
    }

    private static double windowedSinc(double time) {
        if (Math.abs(time) >= ZERO_CROSSINGS) {
            return 0;
        }
        double sinc = time == 0 ? 1 : Math.sin(Math.PI * time) / (Math.PI * time);
        return sinc * Math.pow(Math.cos(Math.PI * time / ZERO_CROSSINGS / 2), 2);
    }

    private static void requireRates(int... rates) {
        for (int rate : rates) {
            if (rate < 1 || rate > HIGHEST_RATE) {
                throw new IllegalArgumentException(
                        "sampling rate of %d Hz, expected 1 to %d Hz".formatted(rate, HIGHEST_RATE));
            }
        }
    }
}
