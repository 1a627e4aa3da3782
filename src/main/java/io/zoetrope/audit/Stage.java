package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonValue;

/// The three steps of making a clip, in their order.
public enum Stage {
    /// From the prompts to the text contexts of picture and sound.
    TEXT_ENCODE("text-encode"),
    /// From noise and text contexts to latents.
    DENOISE("denoise"),
    /// From latents to frames and samples, and from those to the stored clip.
    DECODE("decode");

    private final String label;

    Stage(String label) {
        this.label = label;
    }

    /// Name in JSON, metrics and messages.
    @JsonValue
    public String label() {
        return label;
    }
}
