package io.zoetrope.bench;

/// A part of making a clip that is measured by itself.
public enum Stage {
    /// Both prompts to contexts.
    TEXT,
    /// One evaluation of the transformer with one prompt; of a run's first evaluation nothing is counted.
    PASS,
    /// Latents to frames.
    PICTURE,
    /// Latents to samples.
    SOUND,
    /// From prompts to frames and samples.
    CLIP;

    /// As in messages and tables.
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
