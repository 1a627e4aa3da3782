package io.zoetrope.media;

import java.math.BigInteger;

/// Frames per second as a ratio of whole numbers, which is how files keep time without drifting.
///
/// @param numerator   frames in `denominator` seconds
/// @param denominator seconds
public record FrameRate(int numerator, int denominator) {

    /// Slowest and fastest rate, Hz.
    public static final double MINIMUM = 1;

    public static final double MAXIMUM = 120;

    /// The rates of NTSC are these, times 1000/1001.
    private static final int[] NTSC = {24, 30, 48, 60, 120};

    /// How far a decimal spelling such as 23.98 may be from the NTSC rate that it stands for, Hz.
    private static final double NTSC_TOLERANCE = 0.005;

    private static final int DECIMALS = 1000;

    public FrameRate {
        if (numerator < 1 || denominator < 1) {
            throw new IllegalArgumentException(
                    "frame rate %d/%d Hz, expected positive numbers".formatted(numerator, denominator));
        }
        requireInRange((double) numerator / denominator);
        int divisor = BigInteger.valueOf(numerator)
                .gcd(BigInteger.valueOf(denominator))
                .intValue();
        numerator /= divisor;
        denominator /= divisor;
    }

    /// The rate that a decimal number stands for: 24 is 24/1, 23.976 and 23.98 are 24000/1001, 29.97 is 30000/1001,
    /// 12.5 is 25/2; anything else is taken to a thousandth of a hertz.
    ///
    /// @throws IllegalArgumentException if `hertz` is not within 1 to 120
    public static FrameRate of(double hertz) {
        requireInRange(hertz);
        if (hertz != Math.rint(hertz)) {
            for (int nominal : NTSC) {
                if (Math.abs(hertz - nominal * 1000.0 / 1001) < NTSC_TOLERANCE) {
                    return new FrameRate(nominal * 1000, 1001);
                }
            }
        }
        return new FrameRate((int) Math.round(hertz * DECIMALS), DECIMALS);
    }

    public double hertz() {
        return (double) numerator / denominator;
    }

    /// How long `frames` frames are shown.
    public double seconds(long frames) {
        return (double) frames * denominator / numerator;
    }

    @Override
    public String toString() {
        return denominator == 1 ? Integer.toString(numerator) : numerator + "/" + denominator;
    }

    private static void requireInRange(double hertz) {
        if (!(hertz >= MINIMUM && hertz <= MAXIMUM)) {
            throw new IllegalArgumentException(
                    "frame rate %s Hz, expected %s to %s Hz".formatted(hertz, MINIMUM, MAXIMUM));
        }
    }
}
