package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.VideoEncoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// Pixels to video latents.
final class VideoEncoderCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        VideoVaeConfig config =
                VideoVaeConfig.of(ConfigSection.of("vae", golden.config().path("vae")));
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("vae");
            weights.ignore("decoder.");
            VideoEncoder encoder = VideoEncoder.load(config, weights);
            weights.finish("video encoder");
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor latent = encoder.encode(
                    golden.input("video"), (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("latent", scope.keep(latent));
            return results;
        }
    }
}
