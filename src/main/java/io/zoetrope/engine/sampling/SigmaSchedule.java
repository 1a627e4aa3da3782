package io.zoetrope.engine.sampling;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;

/// The noise levels that a run passes, from 1 down to 0, in float32. Source: docs/model/sampling.md, section 5.
public sealed interface SigmaSchedule {

    /// @param steps wished for
    /// @return one level more than there are steps; the last one is 0
    /// @throws IllegalArgumentException if the schedule does not exist for that number of steps
    float[] sigmas(int steps);

    /// The stock schedule: shifted towards high noise, more so for more tokens, and stretched to a last level
    /// before 0.
    ///
    /// @param tokens    that the shift is chosen for; 4096 in the stock pipelines whatever the size
    /// @param maxShift  at 4096 tokens
    /// @param baseShift at 1024 tokens
    /// @param stretch   whether the last level before 0 becomes `terminal`
    record Shifted(int tokens, double maxShift, double baseShift, boolean stretch, double terminal)
            implements SigmaSchedule {

        public static final int STOCK_TOKENS = 4096;
        public static final Shifted STOCK = new Shifted(STOCK_TOKENS, 2.05, 0.95, true, 0.1);

        private static final int BASE_TOKENS = 1024;

        /// The stock schedule for a clip's own number of tokens.
        public static Shifted forTokens(int tokens) {
            return new Shifted(tokens, STOCK.maxShift, STOCK.baseShift, true, STOCK.terminal);
        }

        @Override
        public float[] sigmas(int steps) {
            if (steps < (stretch ? 2 : 1)) {
                throw new IllegalArgumentException("%d steps, expected at least %d".formatted(steps, stretch ? 2 : 1));
            }
            double shift =
                    baseShift + (tokens - BASE_TOKENS) * (maxShift - baseShift) / (STOCK_TOKENS - (double) BASE_TOKENS);
            float odds = (float) Math.exp(shift);
            float[] sigmas = linear(steps);
            for (int i = 0; i < steps; i++) {
                sigmas[i] = odds / (odds + (1 / sigmas[i] - 1));
            }
            if (stretch) {
                float factor = (1 - sigmas[steps - 1]) / (float) (1 - terminal);
                for (int i = 0; i < steps; i++) {
                    sigmas[i] = 1 - (1 - sigmas[i]) / factor;
                }
            }
            return sigmas;
        }

        private static float[] linear(int steps) {
            try (TensorScope _ = TensorScope.open()) {
                return Tensor.linspace(1, 0, steps + 1L, DataType.FLOAT32).toFloatArray();
            }
        }
    }

    /// Levels that a distilled model was made for.
    record Fixed(List<Float> levels) implements SigmaSchedule {

        public static final Fixed DISTILLED =
                of(1.0f, 0.99375f, 0.9875f, 0.98125f, 0.975f, 0.909375f, 0.725f, 0.421875f, 0.0f);
        public static final Fixed DISTILLED_SECOND_STAGE = of(0.909375f, 0.725f, 0.421875f, 0.0f);
        public static final Fixed DISTILLED_TILED = of(0.625f, 0.4f, 0.0f);

        public Fixed {
            levels = List.copyOf(levels);
        }

        private static Fixed of(Float... levels) {
            return new Fixed(Arrays.asList(levels));
        }

        @Override
        public float[] sigmas(int steps) {
            if (steps != levels.size() - 1) {
                throw new IllegalArgumentException(
                        "%d steps, expected %d: the schedule is fixed".formatted(steps, levels.size() - 1));
            }
            float[] sigmas = new float[levels.size()];
            for (int i = 0; i < sigmas.length; i++) {
                sigmas[i] = levels.get(i);
            }
            return sigmas;
        }
    }

    /// Slow and straight at first, then faster and faster.
    ///
    /// @param threshold   share of the way that the straight part takes
    /// @param linearSteps steps of the straight part; half of them if negative
    record LinearQuadratic(double threshold, int linearSteps) implements SigmaSchedule {

        public static final LinearQuadratic STOCK = new LinearQuadratic(0.025, -1);

        @Override
        public float[] sigmas(int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("%d steps, expected at least 1".formatted(steps));
            }
            float[] sigmas = new float[steps + 1];
            int linear = linearSteps < 0 ? steps / 2 : linearSteps;
            int quadratic = steps - linear;
            double excess = linear - threshold * steps;
            double square = excess / ((double) linear * quadratic * quadratic);
            double slope = threshold / linear - 2 * excess / ((double) quadratic * quadratic);
            double offset = square * linear * linear;
            for (int i = 0; i < steps; i++) {
                double way = i < linear ? i * threshold / linear : square * i * i + slope * i + offset;
                sigmas[i] = steps == 1 ? 1 : (float) (1 - way);
            }
            return sigmas;
        }
    }

    /// Levels at equal quantiles of a beta distribution over the training levels; equal ones are passed once.
    record Beta() implements SigmaSchedule {

        private static final double SHAPE = 0.6;
        private static final int TRAINING_LEVELS = 10_000;
        private static final double ODDS = Math.exp(2.37);

        @Override
        public float[] sigmas(int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("%d steps, expected at least 1".formatted(steps));
            }
            BetaDistribution distribution = BetaDistribution.of(SHAPE, SHAPE);
            List<Float> levels = new ArrayList<>();
            long last = -1;
            for (int i = 0; i < steps; i++) {
                double quantile = quantile(distribution, 1 - (double) i / steps);
                long index = (long) Math.rint(quantile * (TRAINING_LEVELS - 1));
                if (index != last) {
                    double level = (index + 1.0) / TRAINING_LEVELS;
                    levels.add((float) (ODDS / (ODDS + (1 / level - 1))));
                }
                last = index;
            }
            float[] sigmas = new float[levels.size() + 1];
            for (int i = 0; i < levels.size(); i++) {
                sigmas[i] = levels.get(i);
            }
            return sigmas;
        }

        /// The median is exact: it lies between two levels, and a rounding error would choose the other one.
        private static double quantile(BetaDistribution distribution, double probability) {
            return probability == 0.5 ? 0.5 : distribution.inverseCumulativeProbability(probability);
        }
    }
}
