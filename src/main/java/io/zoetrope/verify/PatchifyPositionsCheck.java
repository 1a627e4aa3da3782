package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentScale;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Sizes of latents, the order of their tokens, and the tokens' places.
final class PatchifyPositionsCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        int index = 0;
        for (JsonNode entry : golden.params().get("entries")) {
            String name = "%02d".formatted(index++);
            Tensor latent = golden.input(name + ".latent");
            Tensor tokens;
            Tensor positions;
            if (entry.get("modality").asText().equals("video")) {
                VideoShape shape = VideoShape.of(
                        entry.get("channels").asInt(),
                        entry.get("frames").asInt(),
                        entry.get("height").asInt(),
                        entry.get("width").asInt(),
                        LatentScale.STANDARD);
                tokens = shape.patchify(latent);
                positions = Positions.video(shape, entry.get("fps").asDouble(), LatentScale.STANDARD);
                latent.requireShape("restored latent", shape.unpatchify(tokens).shape());
            } else {
                AudioShape shape = AudioShape.of(
                        entry.get("channels").asInt(),
                        entry.get("mel_bins").asInt(),
                        entry.get("frames").asInt(),
                        entry.get("fps").asDouble(),
                        LatentScale.STANDARD);
                tokens = shape.patchify(latent);
                positions = Positions.audio(shape, LatentScale.STANDARD);
            }
            long[] expanded = positions.shape();
            expanded[0] = entry.get("batch").asLong();
            positions = positions.expand(expanded);
            results.put(name + ".tokens", tokens);
            results.put(name + ".positions", positions);
            results.put(name + ".positions_f64", positions.to(DataType.FLOAT64));
        }
        return results;
    }
}
