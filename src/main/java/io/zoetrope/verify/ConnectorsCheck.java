package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.Connector;
import io.zoetrope.engine.text.TextEncoderConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// Features to contexts.
final class ConnectorsCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        TextEncoderConfig config = TextEncoderConfig.of(
                ConfigSection.of("transformer", golden.config().path("transformer")));
        Tensor features = golden.input("video_features");
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(features.type(), arena).under("model.diffusion_model");
            Connector video = Connector.load(config.video(), weights.under("video_embeddings_connector"));
            Connector audio = Connector.load(config.audio(), weights.under("audio_embeddings_connector"));
            weights.finish("connectors");
            Map<String, Tensor> results = new LinkedHashMap<>();
            results.put("video", scope.keep(contexts(golden, video, features)));
            results.put(
                    "audio",
                    scope.keep(contexts(
                            golden,
                            audio,
                            golden.hasInput("audio_features") ? golden.input("audio_features") : features)));
            results.put("mask", scope.keep(allOnes(golden)));
            return results;
        }
    }

    /// All slots count after the registers have filled them.
    static Tensor allOnes(GoldenCase golden) {
        return Tensor.ones(
                DataType.INT64, Device.CPU, golden.input("attention_mask").shape());
    }

    private static Tensor contexts(GoldenCase golden, Connector connector, Tensor features) {
        Tensor[] contexts = new Tensor[(int) features.size(0)];
        for (int sample = 0; sample < contexts.length; sample++) {
            Tensor real = RealTokens.of(golden.input("attention_mask").select(0, sample));
            contexts[sample] =
                    connector.forward(features.select(0, sample).indexSelect(0, real), (int) features.size(1));
        }
        return Tensor.concatenate(0, contexts);
    }
}
