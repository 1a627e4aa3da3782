package io.zoetrope.engine.audiovae;

/// Triangular filters, evenly spaced on the mel scale from 0 Hz to half the sampling rate, each of unit area.
///
/// Source: M. Slaney, Auditory Toolbox (1998): linear below 1000 Hz, logarithmic above.
final class MelFilters {

    private static final double KNEE_HZ = 1000;
    private static final double HZ_PER_MEL = 200.0 / 3;
    private static final double KNEE_MEL = KNEE_HZ / HZ_PER_MEL;
    /// Above the knee, 27 mel multiply the frequency by 6.4.
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private MelFilters() {}

    /// @param frequencies number of equally spaced frequencies from 0 Hz to half the sampling rate
    /// @param filters     number of filters
    /// @return `[frequencies][filters]`
    static double[][] of(int frequencies, int filters, double sampleRate) {
        double highest = sampleRate / 2;
        double[] edges = new double[filters + 2]; // a filter rises from its own edge to the next and falls to the third
        for (int edge = 0; edge < edges.length; edge++) {
            edges[edge] = hertz(mel(highest) * edge / (edges.length - 1));
        }
        double[][] matrix = new double[frequencies][filters];
        for (int row = 0; row < frequencies; row++) {
            double frequency = highest * row / (frequencies - 1);
            for (int filter = 0; filter < filters; filter++) {
                double rising = (frequency - edges[filter]) / (edges[filter + 1] - edges[filter]);
                double falling = (edges[filter + 2] - frequency) / (edges[filter + 2] - edges[filter + 1]);
                double height = 2 / (edges[filter + 2] - edges[filter]);
                matrix[row][filter] = Math.max(0, Math.min(rising, falling)) * height;
            }
        }
        return matrix;
    }

    private static double mel(double hertz) {
        return hertz < KNEE_HZ ? hertz / HZ_PER_MEL : KNEE_MEL + Math.log(hertz / KNEE_HZ) / LOG_STEP;
    }

    private static double hertz(double mel) {
        return mel < KNEE_MEL ? mel * HZ_PER_MEL : KNEE_HZ * Math.exp((mel - KNEE_MEL) * LOG_STEP);
    }
}
