package io.zoetrope.worker;

import io.zoetrope.engine.DenoisingState;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.TextContext;
import io.zoetrope.plan.GivenLatents;
import java.util.HashMap;
import java.util.Map;

/// Contexts and latents as bytes, for the way between stages.
final class TensorFiles {

    private static final String SAMPLE_RATE = "sound.sample_rate";
    private static final String SOUND = "sound";
    private static final String GIVEN = "given.";

    private TensorFiles() {}

    static byte[] write(EncodedPlan contexts, String planDigest) {
        Map<String, Tensor> tensors = new HashMap<>(contexts.given().tensors());
        tensors.put("positive.video", contexts.positive().video());
        tensors.put("positive.audio", contexts.positive().audio());
        if (contexts.negative() != null) {
            tensors.put("negative.video", contexts.negative().video());
            tensors.put("negative.audio", contexts.negative().audio());
        }
        if (contexts.sound() == null) {
            return SealedTensors.write(tensors, Map.of(), planDigest);
        }
        tensors.put(SOUND, contexts.sound().samples());
        return SealedTensors.write(
                tensors, Map.of(SAMPLE_RATE, Integer.toString(contexts.sound().sampleRate())), planDigest);
    }

    static byte[] write(Latents latents, String planDigest) {
        return SealedTensors.write(
                latents.video() == null
                        ? Map.of("audio", latents.audio())
                        : Map.of("video", latents.video(), "audio", latents.audio()),
                Map.of(),
                planDigest);
    }

    /// Views of `file`, which must stay open as long as they are used.
    static EncodedPlan contexts(SafetensorsFile file) {
        TextContext positive = new TextContext(file.tensor("positive.video"), file.tensor("positive.audio"));
        TextContext negative = file.entries().containsKey("negative.video")
                ? new TextContext(file.tensor("negative.video"), file.tensor("negative.audio"))
                : null;
        Map<String, Tensor> given = new HashMap<>();
        file.entries().keySet().stream()
                .filter(name -> name.startsWith(GIVEN))
                .forEach(name -> given.put(name, file.tensor(name)));
        return new EncodedPlan(positive, negative, new GivenLatents(given), sound(file));
    }

    /// A checkpoint's state. Views of `file`, which must stay open as long as they are used.
    ///
    /// @throws IllegalArgumentException if the file holds none
    static DenoisingState denoisingState(SafetensorsFile file) {
        Map<String, Tensor> tensors = new HashMap<>();
        file.entries().keySet().forEach(name -> tensors.put(name, file.tensor(name)));
        return DenoisingState.of(tensors, file.metadata());
    }

    /// The sound that the result carries; null unless one was given. A view of `file`.
    static Waveform sound(SafetensorsFile file) {
        return file.entries().containsKey(SOUND)
                ? new Waveform(
                        file.tensor(SOUND), Integer.parseInt(file.metadata().get(SAMPLE_RATE)))
                : null;
    }

    /// Views of `file`, which must stay open as long as they are used.
    static Latents latents(SafetensorsFile file) {
        Tensor video = file.entries().containsKey("video") ? file.tensor("video") : null;
        return new Latents(video, file.tensor("audio"));
    }
}
