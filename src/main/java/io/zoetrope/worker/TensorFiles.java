package io.zoetrope.worker;

import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.TextContext;
import java.util.HashMap;
import java.util.Map;

/// Contexts and latents as bytes, for the way between stages.
final class TensorFiles {

    /// The contexts of a job.
    ///
    /// @param negative null if its guidance needs none
    record Contexts(TextContext positive, TextContext negative) {}

    private TensorFiles() {}

    static byte[] write(Contexts contexts) {
        Map<String, Tensor> tensors = new HashMap<>();
        tensors.put("positive.video", contexts.positive().video());
        tensors.put("positive.audio", contexts.positive().audio());
        if (contexts.negative() != null) {
            tensors.put("negative.video", contexts.negative().video());
            tensors.put("negative.audio", contexts.negative().audio());
        }
        return SafetensorsWriter.toBytes(tensors, Map.of());
    }

    static byte[] write(Latents latents) {
        return SafetensorsWriter.toBytes(Map.of("video", latents.video(), "audio", latents.audio()), Map.of());
    }

    /// Views of `file`, which must stay open as long as they are used.
    static Contexts contexts(SafetensorsFile file) {
        TextContext positive = new TextContext(file.tensor("positive.video"), file.tensor("positive.audio"));
        TextContext negative = file.entries().containsKey("negative.video")
                ? new TextContext(file.tensor("negative.video"), file.tensor("negative.audio"))
                : null;
        return new Contexts(positive, negative);
    }

    /// Views of `file`, which must stay open as long as they are used.
    static Latents latents(SafetensorsFile file) {
        return new Latents(file.tensor("video"), file.tensor("audio"));
    }
}
