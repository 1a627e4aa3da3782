package io.zoetrope.plan;

import io.zoetrope.request.GenerationRequest;
import java.util.Optional;
import java.util.function.Predicate;

/// The guidance of both streams. They share their passes: one runs if either stream needs it.
public record Guidance(StreamGuidance video, StreamGuidance audio) {

    public static final Guidance OFF = new Guidance(StreamGuidance.OFF, StreamGuidance.OFF);

    /// Evaluations of the transformer per step, 1 to 4.
    public int passes() {
        return 1
                + count(StreamGuidance::needsUnconditionalPass)
                + count(StreamGuidance::needsPerturbedPass)
                + count(StreamGuidance::needsIsolatedPass);
    }

    /// Text contexts that the passes read: the prompt's, and the negative prompt's if there is an unconditional
    /// pass.
    public int contexts() {
        return 1 + count(StreamGuidance::needsUnconditionalPass);
    }

    /// This guidance with the fields that `wish` has.
    Guidance with(Optional<GenerationRequest.Guidance> wish) {
        return new Guidance(
                video.with(
                        wish.flatMap(GenerationRequest.Guidance::video).orElse(GenerationRequest.StreamGuidance.NONE)),
                audio.with(
                        wish.flatMap(GenerationRequest.Guidance::audio).orElse(GenerationRequest.StreamGuidance.NONE)));
    }

    /// The reference's changes for its pipeline of high quality: no perturbed pass, other rescaling.
    Guidance forHighQuality() {
        return new Guidance(video.forHighQuality(0.45), audio.forHighQuality(1));
    }

    private int count(Predicate<StreamGuidance> needed) {
        return needed.test(video) || needed.test(audio) ? 1 : 0;
    }
}
