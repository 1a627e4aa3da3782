package io.zoetrope.verify;

import io.zoetrope.engine.audiovae.AudioEncoder;
import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// Log mel spectrograms to audio latents.
final class AudioEncoderCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        AudioVaeConfig config =
                AudioVaeConfig.of(ConfigSection.of("audio_vae", golden.config().path("audio_vae")));
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("audio_vae");
            AudioEncoder encoder = AudioEncoder.load(config, weights);
            weights.finish("audio encoder");
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor latent = encoder.encode(
                    golden.input("log_mel"), (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("latent", scope.keep(latent));
            return results;
        }
    }
}
