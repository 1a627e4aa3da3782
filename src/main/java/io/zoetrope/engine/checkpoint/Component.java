package io.zoetrope.engine.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/// The networks of a model, by the prefix that their tensors have in official files.
public enum Component {
    TRANSFORMER("model.diffusion_model.", "transformer", "transformer and connectors"),
    TEXT_PROJECTION("text_embedding_projection.", "", "text projection"),
    VIDEO_VAE("vae.", "vae", "video autoencoder"),
    AUDIO_VAE("audio_vae.", "audio_vae", "audio autoencoder"),
    VOCODER("vocoder.", "vocoder", "vocoder"),
    DURATION_HEAD("duration_head.", "", "duration head");

    private final String prefix;
    private final String section;
    private final String label;

    Component(String prefix, String section, String label) {
        this.prefix = prefix;
        this.section = section;
        this.label = label;
    }

    /// The component that a tensor belongs to by its official name; empty for those that no component here has.
    public static Optional<Component> of(String name) {
        return Arrays.stream(values())
                .filter(component -> name.startsWith(component.prefix))
                .findFirst();
    }

    /// With the dot at its end.
    public String prefix() {
        return prefix;
    }

    /// What users call it.
    public String label() {
        return label;
    }

    /// Whether `name` is the section of the configuration that describes this component.
    boolean isDescribedBy(String name) {
        return !section.isEmpty() && section.equals(name);
    }
}
