package io.zoetrope.verify;

import io.zoetrope.engine.audiovae.Vocoder;
import io.zoetrope.engine.audiovae.VocoderConfig;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// Log mel spectrograms to waveforms.
final class VocoderCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        VocoderConfig config =
                VocoderConfig.of(ConfigSection.of("vocoder", golden.config().path("vocoder")));
        Tensor mel = golden.input("log_mel");
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("vocoder");
            Vocoder vocoder = Vocoder.load(config, (int) mel.size(3), weights);
            weights.finish("vocoder");
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor waveform = vocoder.synthesise(mel, (name, tensor) -> results.put(name, scope.keep(tensor.copy())));
            results.put("waveform", scope.keep(waveform));
            return results;
        }
    }
}
