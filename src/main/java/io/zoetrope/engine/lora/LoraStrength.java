package io.zoetrope.engine.lora;

/// A LoRA and how much of it is added.
///
/// @param strength 1 as trained, 0 not at all; negative ones lead away from it
public record LoraStrength(Lora lora, double strength) {

    public LoraStrength {
        if (!Double.isFinite(strength)) {
            throw new IllegalArgumentException("strength %s of %s, expected a number".formatted(strength, lora));
        }
    }
}
