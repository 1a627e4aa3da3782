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
    DISTILLED("distilled");

    private final String label;

    Pipeline(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Pipeline::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
