package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/// Given content that steers a generation. `source` is an artifact key or an allowed URI, `frame` a pixel frame
/// of the clip, `start` and `end` are seconds, `strength` goes from 0 (ignored) to 1 (kept as it is).
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Condition.Image.class, name = "image"),
    @JsonSubTypes.Type(value = Condition.Keyframe.class, name = "keyframe"),
    @JsonSubTypes.Type(value = Condition.Video.class, name = "video"),
    @JsonSubTypes.Type(value = Condition.Audio.class, name = "audio"),
    @JsonSubTypes.Type(value = Condition.Reference.class, name = "reference"),
    @JsonSubTypes.Type(value = Condition.Retake.class, name = "retake")
})
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public sealed interface Condition {

    String source();

    Optional<Double> strength();

    /// A picture at a frame of the clip, the first unless said otherwise.
    record Image(String source, Optional<Integer> frame, Optional<Double> strength) implements Condition {}

    /// A picture that the clip passes through at a frame.
    record Keyframe(String source, int frame, Optional<Double> strength) implements Condition {}

    /// A part of a clip that the new one begins with or contains.
    record Video(
            String source,
            Optional<Integer> frame,
            Optional<Double> start,
            Optional<Double> end,
            Optional<Double> strength)
            implements Condition {}

    /// A part of a sound that the picture is made for.
    record Audio(String source, Optional<Double> start, Optional<Double> end, Optional<Double> strength)
            implements Condition {}

    /// A part of a clip that shows structure or style, for a model or LoRA trained to follow it.
    record Reference(String source, Optional<Double> start, Optional<Double> end, Optional<Double> strength)
            implements Condition {}

    /// A clip of which the time from `start` to `end` is made anew.
    record Retake(String source, double start, double end, Optional<Double> strength) implements Condition {}
}
