package io.zoetrope.engine.text;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Draws tokens by their likelihood, with random numbers of its own.
final class TokenDraw implements TokenChoice {

    private final double temperature;
    private final Likely likely;
    private final SplittableRandom random;

    TokenDraw(double temperature, long seed, Likely likely) {
        this.temperature = temperature;
        this.likely = likely;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public int choose(float... scores) {
        int[] candidates = mostLikely(scores); // best first
        double[] weights = new double[candidates.length];
        double total = 0;
        for (int place = 0; place < candidates.length; place++) {
            weights[place] = Math.exp((scores[candidates[place]] - scores[candidates[0]]) / temperature);
            total += weights[place];
        }
        int count = withProbability(weights, total);
        double drawn = random.nextDouble()
                * IntStream.range(0, count).mapToDouble(place -> weights[place]).sum();
        for (int place = 0; place < count; place++) {
            drawn -= weights[place];
            if (drawn < 0) {
                return candidates[place];
            }
        }
        return candidates[count - 1]; // rounding
    }

    /// The `likely.count()` best tokens, best first, equals in their order.
    private int[] mostLikely(float... scores) {
        Comparator<Integer> worstFirst =
                Comparator.<Integer>comparingDouble(token -> scores[token]).thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> best = new PriorityQueue<>(worstFirst);
        for (int token = 0; token < scores.length; token++) {
            TokenChoice.requireNumber(token, scores[token]);
            if (best.size() < likely.count()) {
                best.add(token);
            } else if (scores[token] > scores[best.element()]) {
                best.remove();
                best.add(token);
            }
        }
        return best.stream()
                .sorted(worstFirst.reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// How many of the best make up the wanted probability.
    private int withProbability(double[] weights, double total) {
        double reached = 0;
        for (int place = 0; place < weights.length; place++) {
            reached += weights[place];
            if (reached >= likely.probability() * total) {
                return place + 1;
            }
        }
        return weights.length;
    }
}
