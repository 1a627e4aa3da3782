package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.upsampler.LatentUpsampler;
import io.zoetrope.engine.upsampler.UpsamplerConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// Video latents to larger ones.
final class UpsamplerCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        UpsamplerConfig config = UpsamplerConfig.of(ConfigSection.of("upsampler", golden.config()));
        TensorArena arena = new TensorArena();
        Weights weights = golden.weights(golden.outputType(), arena);
        weights.ignore("vae.");
        try (LatentUpsampler upsampler =
                        LatentUpsampler.load(arena, config, weights, weights.under("vae.per_channel_statistics"));
                TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor latent = upsampler.upsample(
                    golden.input("latent"), (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("latent", scope.keep(latent));
            return results;
        }
    }
}
