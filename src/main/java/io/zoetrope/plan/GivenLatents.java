package io.zoetrope.plan;

import io.zoetrope.engine.tensor.Tensor;
import java.util.Map;

/// What a plan's conditions became when they were encoded: latents by the condition's place in the plan.
///
/// @param tensors by the names that [#picture] and [#sound] give
public record GivenLatents(Map<String, Tensor> tensors) {

    public static final GivenLatents NONE = new GivenLatents(Map.of());

    public GivenLatents {
        tensors = Map.copyOf(tensors);
    }

    /// The name of a condition's picture latent, `[1, C, f, h, w]`, at the size of a phase.
    public static String picture(int condition, int phase) {
        return "given.%d.picture.%d".formatted(condition, phase);
    }

    /// The name of a condition's sound latent, `[1, Z, T, M]`.
    public static String sound(int condition) {
        return "given.%d.sound".formatted(condition);
    }

    Tensor pictureOf(int condition, int phase) {
        return required(picture(condition, phase));
    }

    /// Null if the source had no sound.
    Tensor soundOf(int condition) {
        return tensors.get(sound(condition));
    }

    private Tensor required(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("%s is missing among %s".formatted(name, tensors.keySet()));
        }
        return tensor;
    }
}
