package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import io.zoetrope.request.EntryPlaces;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RetakenStreams;
import java.util.List;
import java.util.Optional;

/// What a retake needs, and what may be given beside it.
final class RetakeRules {

    private final List<Condition> conditions;
    private final EntryPlaces places;
    private final Pipeline pipeline;
    private final List<Problem> problems;

    /// @param conditions all of the request
    /// @param problems   to which what is wrong is added
    RetakeRules(List<Condition> conditions, EntryPlaces places, Pipeline pipeline, List<Problem> problems) {
        this.conditions = conditions;
        this.places = places;
        this.pipeline = pipeline;
        this.problems = problems;
    }

    /// @param path  of the retake
    /// @param sizes of the clip; empty if they are wrong
    void check(String path, Condition.Retake retake, Optional<PhaseSizes> sizes) {
        if (pipeline != Pipeline.ONE_STAGE) {
            refuse(path, "conflict", pipeline.label(), "pipeline one-stage for a retake");
        }
        boolean both = retake.streams().orElse(RetakenStreams.BOTH) == RetakenStreams.BOTH;
        if (both && retake.start().isEmpty()) {
            refuse(path + ".start", "missing", null, "when the retake of both streams begins, seconds");
        }
        if (both && retake.end().isEmpty()) {
            refuse(path + ".end", "missing", null, "when the retake of both streams ends, seconds");
        }
        double start = retake.start().orElse(0.0);
        sizes.filter(size -> start >= size.seconds())
                .ifPresent(size -> refuse(
                        path + ".start",
                        "out-of-range",
                        Double.toString(start),
                        "a time within the clip's %s s".formatted(ConditionRules.readable(size.seconds()))));
        for (int index = 0; index < conditions.size(); index++) {
            requireBesideRetake(path, places.path(index), retake, conditions.get(index), sizes);
        }
    }

    /// Pictures may be given for what a retake makes anew; whatever else is given, it leaves no room for.
    private void requireBesideRetake(
            String path, String otherPath, Condition.Retake retake, Condition other, Optional<PhaseSizes> sizes) {
        switch (other) {
            case Condition.Image image ->
                requireRetakenFrame(otherPath, retake, image.frame().orElse(0), sizes);
            case Condition.Keyframe keyframe -> requireRetakenFrame(otherPath, retake, keyframe.frame(), sizes);
            case Condition.Audio _, Condition.Reference _, Condition.Video _ ->
                refuse(path, "conflict", "retake", "no %s beside a retake".formatted(ConditionRules.name(other)));
            case Condition.Retake _ -> {
                // at most one, says another rule
            }
        }
    }

    private void requireRetakenFrame(String path, Condition.Retake retake, int frame, Optional<PhaseSizes> sizes) {
        if (retake.streams().orElse(RetakenStreams.BOTH) == RetakenStreams.AUDIO) {
            refuse(path, "conflict", Integer.toString(frame), "no pictures beside a retake of the sound alone");
            return;
        }
        double start = retake.start().orElse(0.0);
        double end = retake.end().orElse(Double.MAX_VALUE);
        sizes.filter(size -> frame < size.whole().frames())
                .filter(size -> (frame + 1) / size.whole().fps() <= start
                        || frame / size.whole().fps() >= end)
                .ifPresent(_ -> refuse(
                        path + ".frame",
                        "conflict",
                        Integer.toString(frame),
                        "a frame that the retake makes anew, from %s s to %s"
                                .formatted(
                                        ConditionRules.readable(start),
                                        retake.end()
                                                .map(time -> ConditionRules.readable(time) + " s")
                                                .orElse("the end"))));
    }

    private void refuse(String field, String code, String value, String allowed) {
        problems.add(new Problem(field, code, value, allowed, null));
    }
}
