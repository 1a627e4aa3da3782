package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.lora.FusedWeights;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// LoRAs fused into weights of every form.
final class LoraCheck implements GoldenCheck {

    private static final String WEIGHT = ".weight";
    private static final List<String> ADAPTERS = List.of("lora1", "lora2");

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            golden.params().properties().forEach(form -> {
                Weights weights = weights(golden, form.getKey(), arena);
                FusionRule rule = form.getKey().equals("fp32") ? FusionRule.EXACT : FusionRule.BFLOAT16;
                layers(golden).forEach(layer -> weights.under(layer).linear(Tensor.ANY, Tensor.ANY));
                Map<String, LinearWeight> all = new LinkedHashMap<>(weights.linears());
                all.putAll(FusedWeights.of(all, loras(golden, form.getValue()), rule, arena)
                        .weights());
                all.forEach((layer, weight) -> put(results, "%s.%s".formatted(form.getKey(), layer), weight));
            });
            results.replaceAll((_, tensor) -> scope.keep(tensor.copy()));
            return results;
        }
    }

    private static Weights weights(GoldenCase golden, String form, TensorArena arena) {
        return switch (form) {
            case "fp32" -> golden.weights(DataType.FLOAT32, arena);
            case "bf16", "bf16_single" -> golden.weights(DataType.BFLOAT16, arena);
            case "fp8_cast" -> float8(golden, form, WeightStorage.FLOAT8_CAST, arena);
            case "fp8_scaled" -> float8(golden, form, WeightStorage.FLOAT8_SCALED, arena);
            default -> throw new IllegalArgumentException("form " + form);
        };
    }

    /// A model's file with fp8 weights, of which the case keeps the bytes.
    private static Weights float8(GoldenCase golden, String form, WeightStorage storage, TensorArena arena) {
        Checkpoint stored = golden.inputs(form + "_base.");
        Map<String, Tensor> tensors = new HashMap<>();
        stored.entries().forEach((name, entry) -> {
            Tensor tensor = stored.tensor(name);
            tensors.put(name, entry.type() == DataType.UINT8 ? tensor.bitsAs(DataType.FLOAT8_E4M3) : tensor);
        });
        byte[] file = SafetensorsWriter.toBytes(tensors, Map.of());
        Checkpoint checkpoint = arena.own(Checkpoint.of(List.of(SafetensorsFile.of(Path.of(form), file)), ""));
        return Weights.of(checkpoint, golden.device(), DataType.BFLOAT16, storage, arena);
    }

    private static List<String> layers(GoldenCase golden) {
        return golden.weightNames().stream()
                .map(name -> name.substring(0, name.length() - WEIGHT.length()))
                .toList();
    }

    private static List<LoraStrength> loras(GoldenCase golden, JsonNode form) {
        List<LoraStrength> loras = new ArrayList<>();
        for (int index = 0; index < form.get("strengths").size(); index++) {
            String name = form.path("adapters").path(index).asText(ADAPTERS.get(index));
            loras.add(new LoraStrength(
                    Lora.of(name, golden.inputs(name + ".")),
                    form.get("strengths").get(index).asDouble()));
        }
        return loras;
    }

    private static void put(Map<String, Tensor> results, String name, LinearWeight weight) {
        switch (weight) {
            case LinearWeight.Plain(Tensor stored) -> results.put(name + WEIGHT, stored);
            case LinearWeight.Cast(Tensor stored) -> results.put(name + WEIGHT, stored.bitsAs(DataType.UINT8));
            case LinearWeight.Scaled(Tensor stored, Tensor scale, Tensor _) -> {
                results.put(name + WEIGHT, stored.bitsAs(DataType.UINT8));
                results.put(name + ".weight_scale", scale);
            }
        }
    }
}
