package io.zoetrope.engine.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// What a safetensors file is for. Its tensors' names tell it, never the file's.
public enum FilePurpose {
    /// Networks of a model: all of them, some, or a shard.
    MODEL("model"),
    UPSAMPLER("latent upsampler"),
    LORA("LoRA"),
    DURATION_HEAD("duration head"),
    TEXT_MODEL("text model"),
    UNKNOWN("of no known purpose");

    private static final String LORA_ENDING = ".lora_A.weight";
    private static final String UPSAMPLER_TENSOR = "initial_conv.weight";
    private static final List<String> TEXT_PREFIXES =
            List.of("language_model.model.", "model.language_model.", "model.layers.");
    private static final List<String> BARE_PREFIXES = List.of("encoder.", "decoder.");
    private static final List<String> BARE_INPUTS =
            List.of("decoder.conv_in.conv.weight", "encoder.conv_in.conv.weight");
    private static final int PICTURE_AXES = 4; // of a convolution's weight; a video's has one more

    private final String label;

    FilePurpose(String label) {
        this.label = label;
    }

    /// What users call it.
    public String label() {
        return label;
    }

    public static FilePurpose of(SafetensorsFile file) {
        Set<String> names = file.entries().keySet();
        if (names.stream().anyMatch(name -> name.endsWith(LORA_ENDING))) {
            return LORA;
        }
        if (names.contains(UPSAMPLER_TENSOR)) {
            return UPSAMPLER;
        }
        List<Component> components = Arrays.stream(Component.values())
                .filter(component -> names.stream().anyMatch(name -> name.startsWith(component.prefix())))
                .toList();
        if (components.equals(List.of(Component.DURATION_HEAD))) {
            return DURATION_HEAD;
        }
        if (!components.isEmpty() || isBareVideoAutoencoder(file)) {
            return MODEL;
        }
        return names.stream().anyMatch(name -> TEXT_PREFIXES.stream().anyMatch(name::startsWith))
                ? TEXT_MODEL
                : UNKNOWN;
    }

    /// Whether a file is a video autoencoder whose tensors lack the prefix `vae.`.
    static boolean isBareVideoAutoencoder(SafetensorsFile file) {
        Set<String> names = file.entries().keySet();
        boolean bare = names.stream().anyMatch(name -> BARE_PREFIXES.stream().anyMatch(name::startsWith))
                && names.stream().noneMatch(name -> Component.of(name).isPresent());
        return bare
                && BARE_INPUTS.stream()
                        .filter(names::contains)
                        .noneMatch(name -> file.entries().get(name).shape().size() == PICTURE_AXES);
    }
}
