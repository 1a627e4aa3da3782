package io.zoetrope.engine.sampling;

import java.util.Set;

/// How one stream is led away from what it should not be.
///
/// @param guidanceScale   classifier-free guidance, away from the negative prompt; 1 for none
/// @param perturbedScale  spatio-temporal guidance, away from a pass without self-attention in some blocks; 0 for
///         none
/// @param perturbedBlocks those blocks, from 0
/// @param modalityScale   away from a pass in which picture and sound do not see each other; 1 for none
/// @param rescale         how far the result's spread is brought back to the conditional prediction's, 0 to 1
/// @param skipStep        steps that reuse the last result after each that computes one; 0 for none
/// @param rule            of classifier-free guidance
public record StreamGuidance(
        double guidanceScale,
        double perturbedScale,
        Set<Integer> perturbedBlocks,
        double modalityScale,
        double rescale,
        int skipStep,
        ClassifierFreeRule rule) {

    public static final StreamGuidance NONE = new StreamGuidance(1, 0, Set.of(), 1, 0, 0);

    private static final double TOLERANCE = 1e-9;

    /// Guidance by the plain rule.
    public StreamGuidance(
            double guidanceScale,
            double perturbedScale,
            Set<Integer> perturbedBlocks,
            double modalityScale,
            double rescale,
            int skipStep) {
        this(
                guidanceScale,
                perturbedScale,
                perturbedBlocks,
                modalityScale,
                rescale,
                skipStep,
                new ClassifierFreeRule.Plain());
    }

    public StreamGuidance {
        perturbedBlocks = Set.copyOf(perturbedBlocks);
        if (perturbedScale != 0 && perturbedBlocks.isEmpty()) {
            throw new IllegalArgumentException(
                    "perturbed scale %s without blocks, expected at least one block".formatted(perturbedScale));
        }
        if (skipStep < 0) {
            throw new IllegalArgumentException("skip step %d, expected 0 or more".formatted(skipStep));
        }
    }

    public boolean needsUnconditional() {
        return !isOne(guidanceScale);
    }

    public boolean needsPerturbed() {
        return perturbedScale != 0;
    }

    public boolean needsIsolated() {
        return !isOne(modalityScale);
    }

    /// Whether some steps reuse an earlier result.
    public boolean skips() {
        return skipStep > 0;
    }

    /// Whether the stream is computed in a step, rather than taken from an earlier one.
    public boolean computedIn(int step) {
        return step % (skipStep + 1) == 0;
    }

    private static boolean isOne(double scale) {
        return Math.abs(scale - 1) <= TOLERANCE * Math.max(Math.abs(scale), 1);
    }
}
