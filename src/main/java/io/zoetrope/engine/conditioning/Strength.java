package io.zoetrope.engine.conditioning;

/// The range of strengths.
final class Strength {

    private Strength() {}

    static void require(double strength) {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength %s, expected 0 to 1".formatted(strength));
        }
    }
}
