package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.EntryPlaces;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/// Which conditions may be combined, with each other and with a pipeline.
///
/// Source: docs/model/conditioning.md, sections 3 and 5.
final class ConditionRules {

    /// Seconds by which a sound may seem shorter than a clip: `end` and `start` are rounded decimals.
    private static final double TOLERANCE = 1e-3;

    private final GenerationRequest request;
    private final EntryPlaces places;
    private final ModelDescription model;
    private final Pipeline pipeline;
    private final List<Problem> problems;

    /// @param places   of the request's conditions
    /// @param problems to which what is wrong is added
    ConditionRules(
            GenerationRequest request,
            EntryPlaces places,
            ModelDescription model,
            Pipeline pipeline,
            List<Problem> problems) {
        this.request = request;
        this.places = places;
        this.model = model;
        this.pipeline = pipeline;
        this.problems = problems;
    }

    /// @param sizes of the clip; empty if they are wrong
    void check(Optional<PhaseSizes> sizes) {
        List<Condition> conditions = request.conditions();
        for (int index = 0; index < conditions.size(); index++) {
            Condition condition = conditions.get(index);
            if (request.outputOrDefault().soundOnly()) {
                refuse(places.path(index), "conflict", name(condition), "no conditions for sound alone");
            } else {
                check(places.path(index), condition, sizes);
            }
        }
        if (!request.outputOrDefault().soundOnly()) {
            requireOne(Condition.Retake.class, "retake");
            requireOne(Condition.Audio.class, "audio");
            refuseTwoBegins();
            refuseTwoPicturesOfAFrame();
        }
    }

    private void check(String path, Condition condition, Optional<PhaseSizes> sizes) {
        switch (condition) {
            case Condition.Image image -> requireFrame(path, image.frame().orElse(0), sizes);
            case Condition.Keyframe keyframe -> requireFrame(path, keyframe.frame(), sizes);
            case Condition.Video clip -> requireFrame(path, clip.frame().orElse(0), sizes);
            case Condition.Audio audio -> requireAudio(path, audio, sizes);
            case Condition.Reference _ -> requireReference(path, sizes);
            case Condition.Retake retake ->
                new RetakeRules(request.conditions(), places, pipeline, problems).check(path, retake, sizes);
        }
    }

    private void requireFrame(String path, int frame, Optional<PhaseSizes> sizes) {
        sizes.filter(size -> frame >= size.whole().frames())
                .ifPresent(size -> problems.add(new Problem(
                        path + ".frame",
                        "out-of-range",
                        Integer.toString(frame),
                        "a frame of the clip, 0 to %d".formatted(size.whole().frames() - 1),
                        Integer.toString(size.whole().frames() - 1))));
    }

    private void requireAudio(String path, Condition.Audio audio, Optional<PhaseSizes> sizes) {
        if (pipeline == Pipeline.KEYFRAMES) {
            refuse(path, "conflict", "audio", "another pipeline than keyframes for a given sound");
        }
        if (sizes.isPresent() && audio.end().isPresent()) {
            double length = sizes.get().seconds();
            double start = audio.start().orElse(0.0);
            double end = audio.end().get();
            if (end - start < length - TOLERANCE) {
                problems.add(new Problem(
                        path + ".end",
                        "out-of-range",
                        Double.toString(end),
                        "a part of the sound that lasts as long as the clip, %s s".formatted(readable(length)),
                        readable(start + length)));
            }
        }
    }

    private void requireReference(String path, Optional<PhaseSizes> sizes) {
        if (pipeline != Pipeline.ONE_STAGE && pipeline != Pipeline.DISTILLED) {
            refuse(path, "conflict", pipeline.label(), "pipeline one-stage or distilled for a reference");
        }
        int factor = referenceFactor(ModelDescription.Lora::spatialFactor, path);
        referenceFactor(ModelDescription.Lora::temporalFactor, path);
        sizes.ifPresent(size -> {
            // the first phase is the one that sees it
            int grid = factor * model.video().spatialScale();
            if (size.first().width() % grid != 0 || size.first().height() % grid != 0) {
                refuse(
                        path,
                        "off-grid",
                        "%dx%d".formatted(size.first().width(), size.first().height()),
                        "a first phase whose width and height are multiples of %d for a reference at 1/%d"
                                .formatted(grid, factor));
            }
        });
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

    private void requireOne(Class<? extends Condition> kind, String name) {
        boolean found = false;
        for (int index = 0; index < request.conditions().size(); index++) {
            if (kind.isInstance(request.conditions().get(index))) {
                if (found) {
                    refuse(places.path(index), "repeated", name, "one %s at most".formatted(name));
                }
                found = true;
            }
        }
    }

    /// The first latent frame can be given once.
    private void refuseTwoBegins() {
        boolean found = false;
        for (int index = 0; index < request.conditions().size(); index++) {
            boolean begins = switch (request.conditions().get(index)) {
                case Condition.Image image ->
                    pipeline != Pipeline.KEYFRAMES && image.frame().orElse(0) == 0;
                case Condition.Video clip -> clip.frame().orElse(0) == 0;
                case Condition.Keyframe _, Condition.Audio _, Condition.Reference _, Condition.Retake _ -> false;
            };
            if (found && begins) {
                refuse(places.path(index) + ".frame", "repeated", "0", "one image or video that the clip begins with");
            }
            found |= begins;
        }
    }

    /// A clip cannot pass through two pictures at once.
    private void refuseTwoPicturesOfAFrame() {
        Set<Integer> given = new HashSet<>();
        for (int index = 0; index < request.conditions().size(); index++) {
            Optional<Integer> frame = switch (request.conditions().get(index)) {
                case Condition.Image image ->
                    Optional.of(image.frame().orElse(0)).filter(at -> at > 0 || pipeline == Pipeline.KEYFRAMES);
                case Condition.Keyframe keyframe -> Optional.of(keyframe.frame());
                case Condition.Video _, Condition.Audio _, Condition.Reference _, Condition.Retake _ ->
                    Optional.empty();
            };
            if (frame.isPresent() && !given.add(frame.get())) {
                refuse(places.path(index) + ".frame", "repeated", frame.get().toString(), "one picture at a frame");
            }
        }
    }

    static String name(Condition condition) {
        return condition.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    static String readable(double seconds) {
        return BigDecimal.valueOf(seconds)
                .setScale(3, RoundingMode.CEILING)
                .stripTrailingZeros()
                .toPlainString();
    }

    private void refuse(String field, String code, String value, String allowed) {
        problems.add(new Problem(field, code, value, allowed, null));
    }
}
