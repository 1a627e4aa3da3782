package io.zoetrope.engine.text;

/// How a next token is chosen among all that are possible.
public sealed interface Decoding {

    /// Always the most likely one.
    record Greedy() implements Decoding {}

    /// By chance, more likely ones more often.
    ///
    /// @param temperature above 0; the lower, the more it favours the likely
    /// @param seed        the same gives the same text; no other random numbers depend on it
    record Sampled(double temperature, long seed) implements Decoding {

        public Sampled {
            if (!(temperature > 0) || !Double.isFinite(temperature)) {
                throw new IllegalArgumentException("temperature %s, expected more than 0".formatted(temperature));
            }
        }
    }

    /// What the reference rewrites prompts with.
    double USUAL_TEMPERATURE = 0.7;

    static Decoding greedy() {
        return new Greedy();
    }

    /// With the usual temperature.
    static Decoding sampled(long seed) {
        return new Sampled(USUAL_TEMPERATURE, seed);
    }
}
