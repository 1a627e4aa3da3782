package io.zoetrope.verify;

import io.zoetrope.engine.audiovae.AudioVaeConfig;
import io.zoetrope.engine.audiovae.MelSpectrogram;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/// Waveforms to log mel spectrograms.
final class MelCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        AudioVaeConfig config =
                AudioVaeConfig.of(ConfigSection.of("audio_vae", golden.config().path("audio_vae")));
        int sampleRate = golden.params().get("sampling_rate").asInt();
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            Tensor mel = MelSpectrogram.of(config, arena)
                    .of(
                            golden.input("waveform"),
                            sampleRate,
                            (_, resampled) -> results.put("waveform_16k", scope.keep(resampled.copy())));
            results.put("log_mel", scope.keep(mel));
            return results;
        }
    }
}
