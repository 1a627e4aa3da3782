package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// The rule that chooses the noise levels of a run.
public enum Schedule {
    /// Evenly spaced levels, shifted by the number of tokens and stretched to end at a terminal level.
    SHIFTED("shifted"),
    /// The same, shifted by the clip's own number of tokens.
    SHIFTED_TOKENS("shifted-tokens"),
    /// The fixed levels of a distilled model.
    DISTILLED("distilled"),
    /// Linear at first, quadratic from the middle on.
    LINEAR_QUADRATIC("linear-quadratic"),
    /// Levels at the quantiles of a beta distribution.
    BETA("beta");

    private final String label;

    Schedule(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Schedule::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
