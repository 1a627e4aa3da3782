package io.zoetrope.verify;

import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import java.util.LinkedHashMap;
import java.util.Map;

/// Prompts to contexts, with the text encoder of a whole model.
final class PromptContextCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        ModelFiles files =
                ModelFiles.of(locations.resolve(golden.params().get("model").asText()));
        try (TensorScope scope = TensorScope.open();
                Checkpoint checkpoint = files.openCheckpoint();
                TextEncoder encoder =
                        TextEncoder.load(checkpoint, files.openGemma(), golden.device(), DataType.FLOAT32)) {
            Map<String, Tensor> results = new LinkedHashMap<>();
            golden.params().get("texts").properties().forEach(text -> {
                RealTokens.requireSame(
                        text.getKey(),
                        encoder.tokenizer().encode(text.getValue().asText()),
                        golden.input(text.getKey() + ".token_ids").select(0, 0),
                        golden.input(text.getKey() + ".token_mask").select(0, 0));
                TextContext context = encoder.encode(text.getValue().asText());
                results.put(text.getKey() + ".video", scope.keep(context.video()));
                results.put(text.getKey() + ".audio", scope.keep(context.audio()));
            });
            return results;
        }
    }
}
