package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.VideoDecoder;
import io.zoetrope.engine.videovae.VideoVaeConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// Video latents to pixels.
final class VideoDecoderCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        VideoVaeConfig config =
                VideoVaeConfig.of(ConfigSection.of("vae", golden.config().path("vae")));
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open();
                RandomStream noise = RandomStream.seeded(
                        golden.params().path("generator_seed").asLong())) {
            Weights weights = golden.weights(golden.outputType(), arena).under("vae");
            weights.ignore("encoder.");
            VideoDecoder decoder = VideoDecoder.load(config, weights);
            weights.finish("video decoder");
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor video = decoder.decode(
                    golden.input("latent"), noise, (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("video", scope.keep(video));
            return results;
        }
    }
}
