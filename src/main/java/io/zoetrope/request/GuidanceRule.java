package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// How classifier-free guidance leads away from the negative prompt.
public enum GuidanceRule {
    /// Along the difference of both predictions.
    CFG("cfg"),
    /// CFG*: the negative prediction is scaled to its projection on the other first.
    CFG_STAR("cfg-star"),
    /// Adaptive projected guidance: the part along the prediction is damped, the whole bounded.
    APG("apg");

    private final String label;

    GuidanceRule(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(GuidanceRule::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
