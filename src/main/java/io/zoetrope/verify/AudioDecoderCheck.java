package io.zoetrope.verify;

import io.zoetrope.engine.audiovae.AudioDecoder;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// Audio latents to log mel spectrograms.
final class AudioDecoderCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        AudioVaeConfig config =
                AudioVaeConfig.of(ConfigSection.of("audio_vae", golden.config().path("audio_vae")));
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("audio_vae");
            AudioDecoder decoder = AudioDecoder.load(config, weights);
            weights.finish("audio decoder");
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor mel = decoder.decode(
                    golden.input("latent"), (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("log_mel", scope.keep(mel));
            return results;
        }
    }
}
