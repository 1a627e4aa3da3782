package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// The element type in which noise is drawn.
public enum NoiseType {
    /// Ours.
    FLOAT32("float32"),
    /// As the official pipelines on a CPU: other values, not rounded ones.
    BFLOAT16("bfloat16");

    private final String label;

    NoiseType(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(NoiseType::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
