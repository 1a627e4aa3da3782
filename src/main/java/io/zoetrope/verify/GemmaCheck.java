package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.GemmaConfig;
import io.zoetrope.engine.text.GemmaModel;
import java.util.Map;

/// All hidden states of the text model, in the padded layout.
final class GemmaCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("language_model.model");
            GemmaModel gemma = GemmaModel.load(GemmaConfig.of(golden.config()), weights);
            weights.finish("text model");
            var states = gemma.forward(golden.input("input_ids"), golden.input("attention_mask"));
            return Map.of("hidden_states", scope.keep(Tensor.stack(-1, states.toArray(Tensor[]::new))));
        }
    }
}
