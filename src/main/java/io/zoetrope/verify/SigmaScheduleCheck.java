package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.sampling.SigmaSchedule;
import io.zoetrope.engine.sampling.SigmaSchedule.Beta;
import io.zoetrope.engine.sampling.SigmaSchedule.Fixed;
import io.zoetrope.engine.sampling.SigmaSchedule.LinearQuadratic;
import io.zoetrope.engine.sampling.SigmaSchedule.Shifted;
import io.zoetrope.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Schedules of noise levels.
final class SigmaScheduleCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        int index = 0;
        for (JsonNode entry : golden.params().get("entries")) {
            SigmaSchedule schedule = schedule(entry);
            int steps = schedule instanceof Fixed(var levels)
                    ? levels.size() - 1
                    : entry.get("steps").asInt();
            float[] sigmas = schedule.sigmas(steps);
            results.put("sigmas.%02d".formatted(index++), Tensor.of(sigmas, sigmas.length));
        }
        return results;
    }

    private static SigmaSchedule schedule(JsonNode entry) {
        return switch (entry.get("kind").asText()) {
            case "ltx2" ->
                new Shifted(
                        entry.path("tokens").asInt(Shifted.STOCK_TOKENS),
                        entry.path("max_shift").asDouble(Shifted.STOCK.maxShift()),
                        entry.path("base_shift").asDouble(Shifted.STOCK.baseShift()),
                        entry.path("stretch").asBoolean(true),
                        entry.path("terminal").asDouble(Shifted.STOCK.terminal()));
            case "linear-quadratic" ->
                new LinearQuadratic(
                        entry.path("threshold_noise").asDouble(LinearQuadratic.STOCK.threshold()),
                        entry.path("linear_steps").asInt(-1));
            case "beta" -> new Beta();
            case "distilled" ->
                switch (entry.get("stage").asText()) {
                    case "stage1" -> Fixed.DISTILLED;
                    case "stage2" -> Fixed.DISTILLED_SECOND_STAGE;
                    case "tiled" -> Fixed.DISTILLED_TILED;
                    default -> throw new IllegalArgumentException("stage " + entry.get("stage"));
                };
            default -> throw new IllegalArgumentException("schedule " + entry.get("kind"));
        };
    }
}
