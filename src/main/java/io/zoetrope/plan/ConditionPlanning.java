package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.RetakenStreams;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Given pictures, clips and sounds: what they mean for a model and pipeline, and in which order they apply.
///
/// Source: docs/model/conditioning.md, section 3.
final class ConditionPlanning {

    /// Quality of the compression that a model's training pictures went through, by version.
    private static final int COMPRESSION = 33;

    private static final int COMPRESSION_SINCE_24 = 18;

    private final ModelDescription model;
    private final Pipeline pipeline;

    ConditionPlanning(ModelDescription model, Pipeline pipeline) {
        this.model = model;
        this.pipeline = pipeline;
    }

    /// The conditions with nothing left open, in the order in which they apply.
    List<Condition> conditions(List<Condition> wishes) {
        return wishes.stream()
                .map(this::resolved)
                .sorted(Comparator.comparingInt(ConditionPlanning::order)) // stable: otherwise as written
                .toList();
    }

    /// Spans set the whole mask, so they come first; references see of the others what is there before them.
    private static int order(Condition condition) {
        return switch (condition) {
            case Condition.Retake _ -> 0;
            case Condition.Image _, Condition.Keyframe _, Condition.Video _, Condition.Audio _ -> 1;
            case Condition.Reference _ -> 2;
        };
    }

    private Condition resolved(Condition condition) {
        return switch (condition) {
            case Condition.Image image -> {
                int frame = image.frame().orElse(0);
                Optional<Double> strength = full(image.strength());
                yield frame == 0 && pipeline != Pipeline.KEYFRAMES
                        ? new Condition.Image(image.source(), Optional.of(0), strength, compression(image.crf()))
                        : new Condition.Keyframe(image.source(), frame, strength, compression(image.crf()));
            }
            case Condition.Keyframe keyframe ->
                new Condition.Keyframe(
                        keyframe.source(), keyframe.frame(), full(keyframe.strength()), compression(keyframe.crf()));
            case Condition.Video clip ->
                new Condition.Video(
                        clip.source(),
                        Optional.of(clip.frame().orElse(0)),
                        clip.start(),
                        clip.end(),
                        full(clip.strength()));
            case Condition.Audio audio -> audio;
            case Condition.Reference reference ->
                new Condition.Reference(
                        reference.source(),
                        reference.start(),
                        reference.end(),
                        full(reference.strength()),
                        full(reference.attention()));
            case Condition.Retake retake ->
                new Condition.Retake(
                        retake.source(),
                        retake.start(),
                        retake.end(),
                        Optional.of(retake.streams().orElse(RetakenStreams.BOTH)));
        };
    }

    private static Optional<Double> full(Optional<Double> strength) {
        return Optional.of(strength.orElse(1.0));
    }

    private Optional<Integer> compression(Optional<Integer> wish) {
        return Optional.of(
                wish.orElse(ModelVersion.of(model.version()).isAtLeast(2, 4) ? COMPRESSION_SINCE_24 : COMPRESSION));
    }
}
