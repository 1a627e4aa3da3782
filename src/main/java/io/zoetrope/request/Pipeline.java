package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// How a clip is made: in which stages, and with which kind of model.
public enum Pipeline {
    /// The guided loop at full size.
    ONE_STAGE("one-stage"),
    /// The guided loop at half size, then an upsampled refinement.
    TWO_STAGE("two-stage"),
    /// Both stages of a distilled model, with fixed noise levels and without guidance.
    DISTILLED("distilled"),
    /// Two stages in which every given picture is passed through, the first frame's too; the sound is the second's.
    KEYFRAMES("keyframes"),
    /// Two stages with the second-order sampler and the distilled LoRA in both.
    TWO_STAGE_HQ("two-stage-hq");

    private final String label;

    Pipeline(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    /// Whether a second phase refines the first one's result.
    public boolean hasTwoPhases() {
        return this != ONE_STAGE;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Pipeline::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
