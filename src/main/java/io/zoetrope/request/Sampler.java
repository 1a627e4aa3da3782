package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/// The rule that takes the latents from one noise level to the next.
public enum Sampler {
    /// One evaluation, one straight step.
    EULER("euler"),
    /// Euler with a velocity corrected by the one before.
    GRADIENT_ESTIMATION("gradient-estimation"),
    /// Euler that goes too far and adds fresh noise.
    ANCESTRAL_EULER("ancestral-euler"),
    /// Euler that leaves along the unconditional estimate.
    CFG_PLUS_PLUS("cfg-plus-plus"),
    /// An exponential integrator of second order, two evaluations a step.
    RES_2S("res-2s");

    private final String label;

    Sampler(String label) {
        this.label = label;
    }

    /// The name in a request.
    @JsonValue
    public String label() {
        return label;
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Sampler::label).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
