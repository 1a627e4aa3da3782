package io.zoetrope.engine.checkpoint;

/// The fp8 type E4M3 spelled out: a sign, four bits of exponent, three of mantissa, no infinities.
final class Float8 {

    private static final int LARGEST = 0x7e; // 0x7f is NaN
    private static final int SIGN = 0x80;
    private static final int BIAS = 7;

    private Float8() {}

    static float value(int bits) {
        int exponent = (bits >> 3) & 0xf;
        int mantissa = bits & 7;
        double magnitude = exponent == 0
                ? mantissa / 8.0 * Math.pow(2, 1 - BIAS)
                : (1 + mantissa / 8.0) * Math.pow(2, exponent - BIAS);
        return (float) ((bits & SIGN) == 0 ? magnitude : -magnitude);
    }

    /// The nearest number, the one with an even last bit of two that are as near.
    static float rounded(float number) {
        int best = 0;
        for (int bits = 0; bits <= LARGEST; bits++) {
            double distance = Math.abs(Math.abs((double) number) - value(bits));
            double smallest = Math.abs(Math.abs((double) number) - value(best));
            if (distance < smallest || (distance == smallest && bits % 2 == 0)) {
                best = bits;
            }
        }
        return Math.copySign(value(best), number);
    }
}
