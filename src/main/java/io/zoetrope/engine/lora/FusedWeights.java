package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The weights of layers that LoRAs touch, with the changes added.
///
/// @param weights by the layer's name, in the form that they had before
/// @param matches what of each LoRA fitted
public record FusedWeights(Map<String, LinearWeight> weights, List<LoraMatch> matches) {

    public FusedWeights {
        weights = Map.copyOf(weights);
        matches = List.copyOf(matches);
    }

    /// Fuses LoRAs into the layers they touch; the given weights stay as they are.
    ///
    /// @param layers linear layers by their official names, without the transformer's prefix
    /// @param loras  in the order of adding
    /// @param arena  owns the results
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing every layer of another shape, and every
    ///         LoRA of which nothing fits
    public static FusedWeights of(
            Map<String, LinearWeight> layers, List<LoraStrength> loras, FusionRule rule, TensorArena arena) {
        List<LoraMatch> matches =
                LoraMatch.of(loras.stream().map(LoraStrength::lora).toList(), layers);
        Map<String, LinearWeight> fused = new HashMap<>();
        for (String layer : LoraMatch.touched(matches)) {
            try (TensorScope _ = TensorScope.open()) {
                fused.put(layer, Fusion.fuse(layers.get(layer), changes(layer, loras), rule, arena));
            }
        }
        return new FusedWeights(fused, matches);
    }

    private static List<Fusion.Change> changes(String layer, List<LoraStrength> loras) {
        List<Fusion.Change> changes = new ArrayList<>();
        for (LoraStrength part : loras) {
            Lora.Layer change = part.lora().layers().get(layer);
            if (change != null) {
                changes.add(new Fusion.Change(
                        part.lora().down(change), part.lora().up(change), part.strength() * change.factor()));
            }
        }
        return changes;
    }
}
