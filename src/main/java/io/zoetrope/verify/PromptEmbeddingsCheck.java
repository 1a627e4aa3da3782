package io.zoetrope.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.GemmaConfig;
import io.zoetrope.engine.text.PromptLayout;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.engine.text.TextEncoderConfig;
import io.zoetrope.engine.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Prompts to contexts, with a text encoder whose weights lie in the case.
final class PromptEmbeddingsCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(DataType.FLOAT32, arena);
            TextEncoder encoder = TextEncoder.build(
                    arena,
                    arena.own(Tokenizer.open(
                            locations.resolve(golden.params().get("tokenizer").asText()))),
                    GemmaConfig.of(golden.config().get("gemma")),
                    weights.under("language_model.model"),
                    TextEncoderConfig.of(
                            ConfigSection.of("transformer", golden.config().path("transformer"))),
                    weights,
                    PromptLayout.usualFor(DataType.FLOAT32));
            int slots = golden.params().get("max_length").asInt();
            Tensor expectedIds = golden.input("input_ids"); // [B, T]
            Tensor expectedMask = golden.input("attention_mask");
            List<Tensor> video = new ArrayList<>();
            List<Tensor> audio = new ArrayList<>();
            for (JsonNode prompt : golden.params().get("prompts")) {
                long[] ids = encoder.tokenizer().encodeCut(prompt.asText(), slots);
                int sample = video.size();
                RealTokens.requireSame(
                        prompt.asText(), ids, expectedIds.select(0, sample), expectedMask.select(0, sample));
                TextContext context = encoder.encode(ids, slots);
                video.add(context.video());
                audio.add(context.audio());
            }
            return Map.of(
                    "video_context", scope.keep(Tensor.concatenate(0, video.toArray(Tensor[]::new))),
                    "audio_context", scope.keep(Tensor.concatenate(0, audio.toArray(Tensor[]::new))),
                    "mask", scope.keep(ConnectorsCheck.allOnes(golden)));
        }
    }
}
