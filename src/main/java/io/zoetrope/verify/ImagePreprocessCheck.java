package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.conditioning.Pictures;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.media.Recompression;
import io.zoetrope.media.RgbFrames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;

/// Given pictures on their way to the video encoder: compressed once, or brought to size.
final class ImagePreprocessCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        return golden.params().has("crf") ? recompressed(golden) : fitted(golden);
    }

    private static Map<String, Tensor> fitted(GoldenCase golden) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        for (JsonNode size : golden.params().get("entries")) {
            String name = "%02d".formatted(results.size());
            Tensor frames = golden.input(name).unsqueeze(0); // [1, H, W, 3]
            Tensor fitted = Pictures.fit(
                    frames, size.get("height").asInt(), size.get("width").asInt());
            results.put(name, fitted.select(2, 0).select(0, 0)); // [3, h, w]
        }
        return results;
    }

    private static Map<String, Tensor> recompressed(GoldenCase golden) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        Tensor image = golden.input("image").to(Device.CPU).contiguous(); // [H, W, 3]
        var picture = new RgbFrames(image.memory(), 1, (int) image.size(0), (int) image.size(1));
        for (JsonNode factor : golden.params().get("crf")) {
            try (Arena arena = Arena.ofConfined()) {
                RgbFrames result = Recompression.apply(picture, factor.asInt(), arena);
                Tensor levels = Tensor.view(result.rgb(), DataType.UINT8, result.height(), result.width(), 3);
                results.put("crf" + factor.asInt(), levels.copy());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return results;
    }
}
