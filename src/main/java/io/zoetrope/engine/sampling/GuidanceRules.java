package io.zoetrope.engine.sampling;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// The arithmetic of guidance: predictions of the clean latents, `[B, T, C]`, in; one prediction out. All in
/// float32.
///
/// Source: docs/model/sampling.md, section 7.
public final class GuidanceRules {

    /// Over what the spread of a prediction is measured for rescaling.
    public enum Spread {
        /// Over each clip: its result does not depend on what shares its batch.
        PER_CLIP,
        /// Over the whole batch, as the reference does.
        JOINT
    }

    private static final double PROJECTION_EPSILON = 1e-8;

    private GuidanceRules() {}

    /// The guided prediction of one stream.
    ///
    /// @param conditional   c
    /// @param unconditional u, null if the stream needs none
    /// @param perturbed     p, likewise
    /// @param isolated      i, likewise
    /// @return in the type of `conditional`
    public static Tensor combine(
            StreamGuidance guidance,
            Tensor conditional,
            Tensor unconditional,
            Tensor perturbed,
            Tensor isolated,
            Spread spread) {
        Tensor wide = conditional.to(DataType.FLOAT32);
        Tensor guided = wide;
        if (guidance.needsUnconditional()) {
            guided = guided.plus(classifierFree(wide, unconditional, guidance));
        }
        if (guidance.needsPerturbed()) {
            guided = guided.plus(away(wide, perturbed, guidance.perturbedScale()));
        }
        if (guidance.needsIsolated()) {
            guided = guided.plus(away(wide, isolated, guidance.modalityScale() - 1));
        }
        if (guidance.rescale() != 0) {
            Tensor ratio = deviation(wide, spread).dividedBy(deviation(guided, spread));
            guided = guided.times(ratio.times(guidance.rescale()).plus(1 - guidance.rescale()));
        }
        return guided.to(conditional.type());
    }

    private static Tensor classifierFree(Tensor conditional, Tensor unconditional, StreamGuidance guidance) {
        double scale = guidance.guidanceScale();
        return switch (guidance.rule()) {
            case ClassifierFreeRule.Plain _ -> classifierFree(conditional, unconditional, scale);
            case ClassifierFreeRule.Star _ ->
                classifierFreeStar(conditional, unconditional.to(DataType.FLOAT32), scale);
            case ClassifierFreeRule.AdaptiveProjected(double eta, double threshold) ->
                adaptiveProjected(conditional, unconditional.to(DataType.FLOAT32), scale, eta, threshold);
        };
    }

    /// `(scale - 1)(c - u)`.
    public static Tensor classifierFree(Tensor conditional, Tensor unconditional, double scale) {
        return away(conditional, unconditional, scale - 1);
    }

    /// `scale (c - p)`.
    public static Tensor away(Tensor conditional, Tensor other, double scale) {
        return conditional
                .to(DataType.FLOAT32)
                .minus(other.to(DataType.FLOAT32))
                .times(scale);
    }

    /// CFG*: the negative prediction is scaled to its projection first.
    public static Tensor classifierFreeStar(Tensor conditional, Tensor unconditional, double scale) {
        return away(conditional, unconditional.times(projection(conditional, unconditional)), scale - 1);
    }

    /// Adaptive projected guidance: the part along the conditional prediction is damped, the whole is bounded.
    ///
    /// @param eta       factor of the parallel part
    /// @param threshold greatest norm of the difference; 0 for no bound
    public static Tensor adaptiveProjected(
            Tensor conditional, Tensor unconditional, double scale, double eta, double threshold) {
        return projected(conditional, conditional.minus(unconditional), eta, threshold)
                .times(scale - 1);
    }

    /// Adaptive projected guidance with momentum, for one run.
    public static final class AdaptiveProjectedWithMomentum {

        private final double scale;
        private final double eta;
        private final double threshold;
        private final double momentum;
        private Tensor running; // null before the first call; lives in the caller's scope

        public AdaptiveProjectedWithMomentum(double scale, double eta, double threshold, double momentum) {
            this.scale = scale;
            this.eta = eta;
            this.threshold = threshold;
            this.momentum = momentum;
        }

        public Tensor next(Tensor conditional, Tensor unconditional) {
            Tensor difference = conditional.minus(unconditional);
            running = running == null ? difference : running.times(momentum).plus(difference);
            return projected(conditional, running, eta, threshold).times(scale);
        }
    }

    private static Tensor projected(Tensor conditional, Tensor difference, double eta, double threshold) {
        Tensor bounded = difference;
        if (threshold > 0) {
            Tensor norm = perItem(difference.square()).sqrt();
            bounded = difference.times(norm.reciprocal().times(threshold).clamp(0, 1));
        }
        Tensor parallel = conditional.times(projection(bounded, conditional));
        return parallel.times(eta).plus(bounded.minus(parallel));
    }

    /// `sum(a b) / (sum(b²) + 1e-8)` of each batch item.
    private static Tensor projection(Tensor first, Tensor second) {
        return perItem(first.times(second)).dividedBy(perItem(second.square()).plus(PROJECTION_EPSILON));
    }

    private static Tensor perItem(Tensor tensor) {
        return tensor.sum(1, 2);
    }

    private static Tensor deviation(Tensor tensor, Spread spread) {
        return switch (spread) {
            case PER_CLIP -> tensor.standardDeviation(1, 2);
            case JOINT -> tensor.standardDeviation();
        };
    }
}
