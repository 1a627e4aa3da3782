package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.sampling.GuidanceRules;
import io.zoetrope.engine.sampling.StreamGuidance;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The arithmetic of guidance. The reference measures the spread over the whole batch.
final class GuidanceCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        JsonNode params = golden.params();
        Tensor conditional = golden.input("cond");
        Tensor unconditional = golden.input("uncond");
        Map<String, Tensor> results = new LinkedHashMap<>();
        int index = 0;
        for (JsonNode entry : params.get("entries")) {
            Tensor combined = GuidanceRules.combine(
                    guidance(entry),
                    conditional,
                    unconditional,
                    golden.input("perturbed"),
                    golden.input("isolated"),
                    GuidanceRules.Spread.JOINT);
            results.put("combined.%02d".formatted(index++), combined);
        }
        results.put(
                "combined_bf16",
                GuidanceRules.combine(
                        guidance(params.get("combined_bf16")),
                        conditional.to(DataType.BFLOAT16),
                        unconditional.to(DataType.BFLOAT16),
                        null,
                        null,
                        GuidanceRules.Spread.JOINT));
        results.put("cfg_delta", GuidanceRules.classifierFree(conditional, unconditional, scale(params, "cfg_delta")));
        results.put(
                "stg_delta", GuidanceRules.away(conditional, golden.input("perturbed"), scale(params, "stg_delta")));
        results.put(
                "cfg_star_delta",
                GuidanceRules.classifierFreeStar(conditional, unconditional, scale(params, "cfg_star_delta")));
        for (String name : new String[] {"apg_delta", "apg_delta_no_threshold"}) {
            JsonNode apg = params.get(name);
            results.put(
                    name,
                    GuidanceRules.adaptiveProjected(
                            conditional,
                            unconditional,
                            apg.get("scale").asDouble(),
                            apg.get("eta").asDouble(),
                            apg.get("norm_threshold").asDouble()));
        }
        stateful(golden, params.get("apg_stateful"), results);
        return results;
    }

    private static void stateful(GoldenCase golden, JsonNode apg, Map<String, Tensor> results) {
        var rule = new GuidanceRules.AdaptiveProjectedWithMomentum(
                apg.get("scale").asDouble(),
                apg.get("eta").asDouble(),
                apg.get("norm_threshold").asDouble(),
                apg.get("momentum").asDouble());
        int call = 0;
        for (JsonNode inputs : apg.get("calls")) {
            Tensor delta = rule.next(
                    golden.input(inputs.get(0).asText()),
                    golden.input(inputs.get(1).asText()));
            results.put("apg_stateful." + call++, delta);
        }
    }

    private static StreamGuidance guidance(JsonNode entry) {
        double perturbedScale = entry.path("stg_scale").asDouble(0);
        return new StreamGuidance(
                entry.path("cfg_scale").asDouble(1),
                perturbedScale,
                perturbedScale == 0 ? Set.of() : Set.of(0),
                entry.path("modality_scale").asDouble(1),
                entry.path("rescale_scale").asDouble(0),
                0);
    }

    private static double scale(JsonNode params, String name) {
        return params.get(name).get("scale").asDouble();
    }
}
