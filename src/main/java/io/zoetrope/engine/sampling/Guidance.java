package io.zoetrope.engine.sampling;

import io.zoetrope.engine.transformer.Perturbation;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/// The guidance of both streams.
public record Guidance(StreamGuidance video, StreamGuidance audio) {

    public static final Guidance NONE = new Guidance(StreamGuidance.NONE, StreamGuidance.NONE);

    /// Whether a negative prompt is read.
    public boolean needsUnconditional() {
        return any(StreamGuidance::needsUnconditional);
    }

    /// The passes of a step.
    Set<GuidancePass> passes() {
        EnumSet<GuidancePass> passes = EnumSet.of(GuidancePass.CONDITIONAL);
        if (needsUnconditional()) {
            passes.add(GuidancePass.UNCONDITIONAL);
        }
        if (any(StreamGuidance::needsPerturbed)) {
            passes.add(GuidancePass.PERTURBED);
        }
        if (any(StreamGuidance::needsIsolated)) {
            passes.add(GuidancePass.ISOLATED);
        }
        return passes;
    }

    /// What the network leaves out in a pass.
    Perturbation perturbation(GuidancePass pass) {
        return switch (pass) {
            case CONDITIONAL, UNCONDITIONAL -> Perturbation.NONE;
            case PERTURBED ->
                new Perturbation(
                        video.needsPerturbed() ? video.perturbedBlocks() : Set.of(),
                        audio.needsPerturbed() ? audio.perturbedBlocks() : Set.of(),
                        false);
            case ISOLATED -> Perturbation.ISOLATED;
        };
    }

    private boolean any(Predicate<StreamGuidance> condition) {
        return condition.test(video) || condition.test(audio);
    }
}
