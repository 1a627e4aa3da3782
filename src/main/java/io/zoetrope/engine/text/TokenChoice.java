package io.zoetrope.engine.text;

/// Chooses the next token of one text. May remember what it did, so each text needs one of its own.
@FunctionalInterface
interface TokenChoice {

    /// @param scores of all tokens: logarithms of likelihoods, but for a constant
    /// @return index of the token chosen
    int choose(float... scores);

    static TokenChoice of(Decoding decoding, Likely likely) {
        return switch (decoding) {
            case Decoding.Greedy() -> TokenChoice::best;
            case Decoding.Sampled(double temperature, long seed) -> new TokenDraw(temperature, seed, likely);
        };
    }

    /// Which tokens are likely enough to be drawn, as a model's `generation_config.json` says.
    ///
    /// @param count       the most likely ones, from 1; those are meant (`top_k`)
    /// @param probability above 0 to 1; of those, as few as have this probability together (`top_p`)
    record Likely(int count, double probability) {

        static final Likely ALL = new Likely(Integer.MAX_VALUE, 1);

        public Likely {
            if (count < 1 || !(probability > 0 && probability <= 1)) {
                throw new IllegalArgumentException("top_k %d and top_p %s, expected at least 1 and more than 0 up to 1"
                        .formatted(count, probability));
            }
        }
    }

    /// The first of the best.
    private static int best(float... scores) {
        int best = 0;
        for (int token = 0; token < scores.length; token++) {
            requireNumber(token, scores[token]);
            if (scores[token] > scores[best]) {
                best = token;
            }
        }
        return best;
    }

    /// @throws ArithmeticException for NaN, of which no choice can be made
    static void requireNumber(int token, float score) {
        if (Float.isNaN(score)) {
            throw new ArithmeticException("the score of token %d is not a number".formatted(token));
        }
    }
}
