package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.Perturbation;
import io.zoetrope.engine.transformer.StreamInput;
import io.zoetrope.engine.transformer.Transformer;
import io.zoetrope.engine.transformer.TransformerConfig;
import io.zoetrope.engine.transformer.Velocity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One evaluation of the whole network.
final class TransformerCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        TransformerConfig config = TransformerConfig.of(
                ConfigSection.of("transformer", golden.config().path("transformer")));
        DataType type = golden.input("video.latent").type();
        try (TensorArena arena = new TensorArena();
                TensorScope scope = TensorScope.open()) {
            Weights weights = golden.weights(type, arena).under("model.diffusion_model");
            Transformer transformer = Transformer.load(config, weights);
            weights.finish("transformer");
            Map<String, Tensor> results = new LinkedHashMap<>();
            StreamInput video = input(golden, "video", transformer);
            StreamInput audio = golden.hasInput("audio.latent") ? input(golden, "audio", transformer) : null;
            Velocity velocity = transformer.forward(
                    video, audio, perturbations(golden, config), (name, tensor) -> results.put(name, tensor.copy()));
            add(results, "video", video, velocity.video());
            if (audio != null) {
                add(results, "audio", audio, velocity.audio());
            }
            results.values().forEach(scope::keep);
            return results;
        }
    }

    private static StreamInput input(GoldenCase golden, String stream, Transformer transformer) {
        boolean video = stream.equals("video");
        Tensor positions = golden.input(stream + ".positions");
        Tensor context = golden.input(stream + ".context");
        Tensor mask = golden.optionalInput(stream + ".context_mask");
        return new StreamInput(
                golden.input(stream + ".latent"),
                golden.input(stream + ".sigma"),
                golden.input(stream + ".timesteps"),
                video ? transformer.videoGeometry(positions) : transformer.audioGeometry(positions),
                video ? transformer.videoText(context, mask) : transformer.audioText(context, mask),
                golden.optionalInput(stream + ".attention_mask"),
                true);
    }

    private static void add(Map<String, Tensor> results, String stream, StreamInput input, Tensor velocity) {
        results.put(stream + ".velocity", velocity);
        results.put(stream + ".denoised", Velocity.denoised(input.latent(), velocity, input.timesteps()));
    }

    /// From flags `[kind, block, sample]`.
    private static List<Perturbation> perturbations(GoldenCase golden, TransformerConfig config) {
        if (!golden.hasInput("perturbation_keep")) {
            return List.of();
        }
        Tensor flags = golden.input("perturbation_keep");
        float[] keep = flags.toFloatArray();
        int samples = (int) flags.size(2);
        List<Perturbation> perturbations = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            Set<Integer> video = new HashSet<>();
            Set<Integer> audio = new HashSet<>();
            boolean isolated = true;
            for (int block = 0; block < config.blocks(); block++) {
                if (keep[block * samples + sample] == 0) {
                    video.add(block);
                }
                if (keep[(config.blocks() + block) * samples + sample] == 0) {
                    audio.add(block);
                }
                isolated &= keep[(2 * config.blocks() + block) * samples + sample] == 0;
            }
            perturbations.add(new Perturbation(video, audio, isolated));
        }
        return perturbations;
    }
}
