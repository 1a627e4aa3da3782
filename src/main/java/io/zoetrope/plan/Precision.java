package io.zoetrope.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Optional;

/// The type in which a model computes.
public enum Precision {
    FLOAT32("float32", 4),
    BFLOAT16("bfloat16", 2);

    private final String label;
    private final int bytes;

    Precision(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    /// The type of that name, if there is one.
    public static Optional<Precision> named(String label) {
        return Arrays.stream(values())
                .filter(precision -> precision.label.equals(label))
                .findFirst();
    }

    @JsonValue
    public String label() {
        return label;
    }

    /// Bytes per element.
    public int bytes() {
        return bytes;
    }
}
