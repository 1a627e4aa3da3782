package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// Whether the text model rewrites the prompt first.
public enum Enhancement {
    /// The prompt is taken as it is.
    OFF("off"),
    /// Rewritten, the likeliest word each time.
    GREEDY("greedy"),
    /// Rewritten, words drawn by the seed of the request.
    SAMPLED("sampled");

    private final String label;

    Enhancement(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Enhancement::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
