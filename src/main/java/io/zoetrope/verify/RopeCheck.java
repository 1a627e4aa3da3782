package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentScale;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rotary tables and the positions that they come from.
final class RopeCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        return golden.params().has("dim") ? table(golden) : positions(golden.params());
    }

    private static Map<String, Tensor> positions(JsonNode params) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        params.properties().forEach(entry -> {
            JsonNode grid = entry.getValue().path("grid");
            Tensor positions = entry.getKey().startsWith("video")
                    ? Positions.video(
                            new VideoShape(
                                    1,
                                    grid.get(0).asInt(),
                                    grid.get(1).asInt(),
                                    grid.get(2).asInt()),
                            entry.getValue().get("fps").asDouble(),
                            LatentScale.STANDARD)
                    : Positions.audio(
                            new AudioShape(1, entry.getValue().get("frames").asInt(), 1), LatentScale.STANDARD);
            results.put(entry.getKey(), positions);
        });
        return results;
    }

    private static Map<String, Tensor> table(GoldenCase golden) {
        JsonNode params = golden.params();
        ConfigSection config = ConfigSection.of("transformer", golden.config().path("transformer"));
        var rotary = RotaryTable.Config.of(config);
        int width = params.get("dim").asInt();
        int heads = params.get("num_attention_heads").asInt();
        Tensor given = golden.input("positions");
        Tensor middle = params.path("use_middle_indices_grid").asBoolean() ? Positions.middle(given) : given;
        List<Double> greatest = new ArrayList<>();
        params.get("max_pos").forEach(maximum -> greatest.add(maximum.asDouble()));
        Tensor positions = RotaryTable.parts(middle, greatest);
        RotaryTable table = RotaryTable.of(rotary, positions, width, heads, DataType.FLOAT32);
        Tensor vectors = golden.input("x");
        Map<String, Tensor> results = new LinkedHashMap<>();
        results.put("freq_grid", RotaryTable.frequencies(rotary, width / (2 * greatest.size())));
        results.put("cos", table.cosine());
        results.put("sin", table.sine());
        results.put("x_rotated", table.rotate(vectors).transpose(1, 2).reshape(vectors.shape()));
        return results;
    }
}
