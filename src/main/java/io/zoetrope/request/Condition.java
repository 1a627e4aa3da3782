package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;

/// Something given that the clip has to keep or follow. Its source is a picture, clip or sound: an artifact key
/// or an allowed URI.
///
/// `frame` counts pixel frames of the clip, `start` and `end` are seconds, `strength` goes from 0 (ignored) to 1
/// (kept as it is). `crf` is the quality at which a picture is compressed once more, 0 to skip that.
/// Meaning and combinations: docs/model/conditioning.md.
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

    /// A picture at a frame of the clip, the first unless said otherwise.
    record Image(String source, Optional<Integer> frame, Optional<Double> strength, Optional<Integer> crf)
            implements Condition {}

    /// A picture that the clip passes through at a frame: beside the clip, never in its place.
    record Keyframe(String source, int frame, Optional<Double> strength, Optional<Integer> crf) implements Condition {}

    /// A part of a clip that the new one begins with, or passes through from a frame on.
    record Video(
            String source,
            Optional<Integer> frame,
            Optional<Double> start,
            Optional<Double> end,
            Optional<Double> strength)
            implements Condition {}

    /// A part of a sound that the picture is made for; the result carries it untouched.
    record Audio(String source, Optional<Double> start, Optional<Double> end) implements Condition {}

    /// A part of a clip that shows structure or style, for a LoRA trained to follow it.
    ///
    /// @param attention how much the clip and it see of each other, 0 to 1
    record Reference(
            String source,
            Optional<Double> start,
            Optional<Double> end,
            Optional<Double> strength,
            Optional<Double> attention)
            implements Condition {}

    /// A clip of which the time from `start` to `end` is made anew, in picture, sound or both.
    record Retake(String source, Optional<Double> start, Optional<Double> end, Optional<RetakenStreams> streams)
            implements Condition {}
}
