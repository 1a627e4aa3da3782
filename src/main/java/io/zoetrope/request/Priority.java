package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// Which of two waiting requests goes first.
public enum Priority {
    HIGH("high"),
    NORMAL("normal"),
    LOW("low");

    private final String label;

    Priority(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Priority::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
