package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RetakenStreams;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Given pictures, clips and sounds: which may be combined, and in which order they apply.
///
/// Source: docs/model/conditioning.md, sections 3 and 5.
final class ConditionPlanning {

    /// Quality of the compression that a model's training pictures went through, by version.
    private static final int COMPRESSION = 33;

    private static final int COMPRESSION_SINCE_24 = 18;

    private final GenerationRequest request;
    private final ModelDescription model;
    private final Pipeline pipeline;
    private final List<Problem> problems;

    ConditionPlanning(GenerationRequest request, ModelDescription model, Pipeline pipeline, List<Problem> problems) {
        this.request = request;
        this.model = model;
        this.pipeline = pipeline;
        this.problems = problems;
    }

    /// The conditions with nothing left open, in the order in which they apply.
    ///
    /// @param video null if its size or length is wrong, or there is none
    List<Condition> conditions(GenerationPlan.Video video) {
        List<Condition> conditions = request.conditions();
        for (int index = 0; index < conditions.size(); index++) {
            check(index, conditions.get(index), video);
        }
        requireOne(conditions, Condition.Retake.class, "retake");
        requireOne(conditions, Condition.Audio.class, "audio");
        refuseTwoBegins(conditions);
        return conditions.stream()
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

    private void check(int index, Condition condition, GenerationPlan.Video video) {
        String path = "conditions[%d]".formatted(index);
        if (request.outputOrDefault().soundOnly()) {
            refuse(path, "conflict", name(condition), "no conditions for sound alone");
            return;
        }
        switch (condition) {
            case Condition.Image image -> requireFrame(path, image.frame().orElse(0), video);
            case Condition.Keyframe keyframe -> requireFrame(path, keyframe.frame(), video);
            case Condition.Video clip -> requireFrame(path, clip.frame().orElse(0), video);
            case Condition.Audio _ -> {
                if (pipeline == Pipeline.KEYFRAMES) {
                    refuse(path, "conflict", "audio", "another pipeline than keyframes for a given sound");
                }
            }
            case Condition.Reference _ -> requireReference(path, video);
            case Condition.Retake retake -> requireRetake(path, retake, video);
        }
    }

    private void requireFrame(String path, int frame, GenerationPlan.Video video) {
        if (video != null && frame >= video.frames()) {
            problems.add(new Problem(
                    path + ".frame",
                    "out-of-range",
                    Integer.toString(frame),
                    "a frame of the clip, 0 to %d".formatted(video.frames() - 1),
                    Integer.toString(video.frames() - 1)));
        }
    }

    private void requireReference(String path, GenerationPlan.Video video) {
        if (pipeline != Pipeline.ONE_STAGE && pipeline != Pipeline.DISTILLED) {
            refuse(path, "conflict", pipeline.label(), "pipeline one-stage or distilled for a reference");
        }
        int factor = referenceFactor(ModelDescription.Lora::spatialFactor, path);
        referenceFactor(ModelDescription.Lora::temporalFactor, path);
        int grid = factor * model.video().spatialScale();
        if (video != null && (video.width() % grid != 0 || video.height() % grid != 0)) {
            refuse(
                    path,
                    "off-grid",
                    "%dx%d".formatted(video.width(), video.height()),
                    "width and height that are multiples of %d for a reference at 1/%d".formatted(grid, factor));
        }
    }

    private int referenceFactor(ToIntFunction<ModelDescription.Lora> factor, String path) {
        List<Integer> factors = request.loras().stream()
                .flatMap(wish -> model.lora(wish.name()).stream())
                .map(factor::applyAsInt)
                .filter(value -> value != 1)
                .distinct()
                .toList();
        if (factors.size() > 1) {
            refuse(path, "conflict", factors.toString(), "LoRAs that want the reference at the same size and rate");
        }
        return factors.isEmpty() ? 1 : factors.getFirst();
    }

    private void requireRetake(String path, Condition.Retake retake, GenerationPlan.Video video) {
        if (pipeline != Pipeline.ONE_STAGE) {
            refuse(path, "conflict", pipeline.label(), "pipeline one-stage for a retake");
        }
        if (request.conditions().stream()
                .anyMatch(other -> other instanceof Condition.Audio || other instanceof Condition.Reference)) {
            refuse(path, "conflict", "retake", "no audio or reference beside a retake");
        }
        boolean both = retake.streams().orElse(RetakenStreams.BOTH) == RetakenStreams.BOTH;
        if (both && retake.start().isEmpty()) {
            refuse(path + ".start", "missing", null, "when the retake of both streams begins, seconds");
        }
        if (both && retake.end().isEmpty()) {
            refuse(path + ".end", "missing", null, "when the retake of both streams ends, seconds");
        }
        if (video != null && retake.start().orElse(0.0) >= seconds(video)) {
            refuse(
                    path + ".start",
                    "out-of-range",
                    retake.start().orElse(0.0).toString(),
                    "a time within the clip's %s s".formatted(seconds(video)));
        }
    }

    private void requireOne(List<Condition> conditions, Class<? extends Condition> kind, String name) {
        boolean found = false;
        for (int index = 0; index < conditions.size(); index++) {
            if (kind.isInstance(conditions.get(index))) {
                if (found) {
                    refuse("conditions[%d]".formatted(index), "repeated", name, "one %s at most".formatted(name));
                }
                found = true;
            }
        }
    }

    /// The first latent frame can be given once.
    private void refuseTwoBegins(List<Condition> conditions) {
        boolean found = false;
        for (int index = 0; index < conditions.size(); index++) {
            boolean begins = switch (conditions.get(index)) {
                case Condition.Image image ->
                    pipeline != Pipeline.KEYFRAMES && image.frame().orElse(0) == 0;
                case Condition.Video clip -> clip.frame().orElse(0) == 0;
                case Condition.Keyframe _, Condition.Audio _, Condition.Reference _, Condition.Retake _ -> false;
            };
            if (begins && found) {
                refuse(
                        "conditions[%d].frame".formatted(index),
                        "repeated",
                        "0",
                        "one image or video that the clip begins with");
            }
            found |= begins;
        }
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

    private static double seconds(GenerationPlan.Video video) {
        return video.frames() / video.fps();
    }

    private static String name(Condition condition) {
        return condition.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private void refuse(String field, String code, String value, String allowed) {
        problems.add(new Problem(field, code, value, allowed, null));
    }
}
