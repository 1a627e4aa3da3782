package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What of a LoRA fits a transformer.
///
/// @param name    of the LoRA
/// @param matched layers of the transformer that it changes
/// @param ignored layers in its file that the transformer does not have, and tensors that are no changes to it
public record LoraMatch(String name, List<String> matched, List<String> ignored) {

    private static final int LISTED = 10;

    /// @param layers the transformer's linear layers
    /// @throws CheckpointException listing every layer of another shape, and every LoRA of which nothing fits
    static List<LoraMatch> of(List<Lora> loras, Map<String, LinearWeight> layers) {
        List<LoraMatch> matches = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Lora lora : loras) {
            List<String> matched = new ArrayList<>();
            List<String> ignored = new ArrayList<>(lora.unused());
            lora.layers().forEach((layer, change) -> {
                LinearWeight weight = layers.get(layer);
                if (weight == null) {
                    ignored.add(layer);
                    return;
                }
                matched.add(layer);
                Tensor stored = weight.stored();
                if (stored.size(0) != change.out() || stored.size(1) != change.in()) {
                    problems.add("%s: %s is %s, expected %s"
                            .formatted(
                                    lora.name(),
                                    layer,
                                    Tensor.describe(change.out(), change.in()),
                                    Tensor.describe(stored.shape())));
                }
            });
            if (matched.isEmpty()) {
                problems.add("%s: none of its %d layers is in the transformer, such as %s"
                        .formatted(
                                lora.name(),
                                lora.layers().size(),
                                lora.layerNames().getFirst()));
            }
            matches.add(new LoraMatch(lora.name(), List.copyOf(matched), List.copyOf(ignored)));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException("LoRAs", problems);
        }
        return matches;
    }

    /// Every layer that one of them changes.
    static Set<String> touched(List<LoraMatch> matches) {
        Set<String> touched = new LinkedHashSet<>();
        matches.forEach(match -> touched.addAll(match.matched()));
        return touched;
    }

    @Override
    public String toString() {
        String found = "LoRA %s: %d layers fit".formatted(name, matched.size());
        return ignored.isEmpty()
                ? found
                : "%s, %d layers and tensors are ignored: %s"
                        .formatted(found, ignored.size(), ignored.subList(0, Math.min(LISTED, ignored.size())));
    }
}
