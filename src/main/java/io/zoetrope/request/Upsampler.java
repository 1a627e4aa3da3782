package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// How the clip grows between two phases.
public enum Upsampler {
    /// Twice as high and wide.
    SPATIAL_X2("spatial-x2"),
    /// Half as high and wide again.
    SPATIAL_X1_5("spatial-x1.5"),
    /// Twice the frame rate.
    TEMPORAL_X2("temporal-x2");

    private final String label;

    Upsampler(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Upsampler::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
