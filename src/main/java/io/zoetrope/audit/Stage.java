package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The three steps of making a clip, in their order.
public enum Stage {
    /// From the prompts to the text contexts of picture and sound.
    @JsonProperty("text-encode")
    TEXT_ENCODE,
    /// From noise and text contexts to latents.
    @JsonProperty("denoise")
    DENOISE,
    /// From latents to frames and samples, and from those to the stored clip.
    @JsonProperty("decode")
    DECODE
}
