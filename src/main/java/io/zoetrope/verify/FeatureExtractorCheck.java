package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.FeatureExtractor;
import io.zoetrope.engine.text.TextEncoderConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// Features of padded prompts: real tokens are extracted, padding stays zero before the projection.
final class FeatureExtractorCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        TextEncoderConfig config = TextEncoderConfig.of(
                ConfigSection.of("transformer", golden.config().path("transformer")));
        Tensor states = golden.input("hidden_states"); // [B, T, H, L + 1]
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(states.type(), arena).under("text_embedding_projection");
            FeatureExtractor extractor =
                    FeatureExtractor.load(config, (int) states.size(2), (int) states.size(3), weights);
            weights.finish("text projection");
            Tensor[] rows = new Tensor[(int) states.size(0)];
            for (int sample = 0; sample < rows.length; sample++) {
                Tensor real = RealTokens.of(golden.input("attention_mask").select(0, sample));
                Tensor normalised = extractor.normalise(states.select(0, sample).indexSelect(0, real));
                rows[sample] = RealTokens.spread(normalised, real, states.size(1));
            }
            Tensor flat = Tensor.stack(0, rows); // [B, T, H · (L + 1)]
            FeatureExtractor.Features features = extractor.project(flat);
            Map<String, Tensor> results = new LinkedHashMap<>();
            results.put("normalized", scope.keep(flat));
            results.put("video_features", scope.keep(features.video()));
            results.put("audio_features", scope.keep(features.audio()));
            return results;
        }
    }
}
