package io.zoetrope.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.GuidanceRule;
import java.util.List;

/// How strongly one stream, video or audio, is steered.
///
/// @param guidanceScale     classifier-free guidance; 1 is off
/// @param perturbationScale guidance away from a pass with skipped self-attention (STG); 0 is off
/// @param perturbedBlocks   the transformer blocks in which it is skipped, from 0
/// @param rescale           how far the result's deviation is drawn back to the conditional one's, 0 to 1
/// @param modalityScale     guidance away from picture and sound that do not see each other; 1 is off
/// @param skipStep          steps that reuse the last guided result between two evaluations
/// @param rule              how guidanceScale applies
/// @param eta               of rule apg: factor of the part along the prediction; 1 leaves it
/// @param threshold         of rule apg: greatest norm of the difference; 0 for no bound
public record StreamGuidance(
        @JsonProperty("cfg") double guidanceScale,
        @JsonProperty("stg") double perturbationScale,
        @JsonProperty("blocks") List<Integer> perturbedBlocks,
        @JsonProperty("rescale") double rescale,
        @JsonProperty("modality") double modalityScale,
        @JsonProperty("skip_step") int skipStep,
        @JsonProperty("rule") GuidanceRule rule,
        @JsonProperty("eta") double eta,
        @JsonProperty("threshold") double threshold) {

    /// Only the conditional pass counts.
    public static final StreamGuidance OFF = new StreamGuidance(1, 0, List.of(), 0, 1, 0);

    /// A scale nearer to 1 than this is off.
    private static final double TOLERANCE = 1e-9;

    /// By the plain rule.
    public StreamGuidance(
            double guidanceScale,
            double perturbationScale,
            List<Integer> perturbedBlocks,
            double rescale,
            double modalityScale,
            int skipStep) {
        this(
                guidanceScale,
                perturbationScale,
                perturbedBlocks,
                rescale,
                modalityScale,
                skipStep,
                GuidanceRule.CFG,
                1,
                0);
    }

    public StreamGuidance {
        perturbedBlocks = List.copyOf(perturbedBlocks);
    }

    public boolean needsUnconditionalPass() {
        return Math.abs(guidanceScale - 1) > TOLERANCE;
    }

    public boolean needsPerturbedPass() {
        return perturbationScale != 0;
    }

    public boolean needsIsolatedPass() {
        return Math.abs(modalityScale - 1) > TOLERANCE;
    }

    StreamGuidance withModalityScale(double scale) {
        return new StreamGuidance(
                guidanceScale, perturbationScale, perturbedBlocks, rescale, scale, skipStep, rule, eta, threshold);
    }

    StreamGuidance forHighQuality(double otherRescale) {
        return new StreamGuidance(
                guidanceScale, 0, List.of(), otherRescale, modalityScale, skipStep, rule, eta, threshold);
    }

    /// This guidance with the fields that `wish` has.
    StreamGuidance with(GenerationRequest.StreamGuidance wish) {
        return new StreamGuidance(
                wish.guidanceScale().orElse(guidanceScale),
                wish.perturbationScale().orElse(perturbationScale),
                wish.perturbedBlocks().orElse(perturbedBlocks),
                wish.rescale().orElse(rescale),
                wish.modalityScale().orElse(modalityScale),
                wish.skipStep().orElse(skipStep),
                wish.rule().orElse(rule),
                wish.eta().orElse(eta),
                wish.threshold().orElse(threshold));
    }
}
