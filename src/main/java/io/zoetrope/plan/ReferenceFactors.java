package io.zoetrope.plan;

import java.util.List;
import java.util.function.ToIntFunction;

/// How much smaller and slower references are than the clip, as the plan's LoRAs were trained for.
///
/// @param spatial  target size / reference size
/// @param temporal target fps / reference fps
public record ReferenceFactors(int spatial, int temporal) {

    /// @param model whose LoRAs the plan names
    public static ReferenceFactors of(GenerationPlan plan, ModelDescription model) {
        return of(plan.loras(), model);
    }

    static ReferenceFactors of(List<LoraPlan> loras, ModelDescription model) {
        return new ReferenceFactors(
                largest(loras, model, ModelDescription.Lora::spatialFactor),
                largest(loras, model, ModelDescription.Lora::temporalFactor));
    }

    private static int largest(
            List<LoraPlan> loras, ModelDescription model, ToIntFunction<ModelDescription.Lora> factor) {
        return loras.stream()
                .flatMap(lora -> model.lora(lora.name()).stream())
                .mapToInt(factor)
                .max()
                .orElse(1);
    }
}
