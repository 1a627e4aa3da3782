package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.transformer.Perturbation;
import io.zoetrope.engine.transformer.StreamInput;
import io.zoetrope.engine.transformer.StreamText;
import io.zoetrope.engine.transformer.Trace;
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

    /// What the network calls its timestep heads, and what the reference does.
    private static final Map<String, String> HEADS = Map.of(
            "video.modulation", "adaln_single",
            "video.cross", "av_ca_video_scale_shift_adaln_single",
            "video.gate", "av_ca_a2v_gate_adaln_single",
            "video.prompt", "prompt_adaln_single",
            "audio.modulation", "audio_adaln_single",
            "audio.cross", "av_ca_audio_scale_shift_adaln_single",
            "audio.gate", "av_ca_v2a_gate_adaln_single",
            "audio.prompt", "audio_prompt_adaln_single");

    private static final Map<String, String> ENTRIES =
            Map.of("video.entered", "patchify_proj", "audio.entered", "audio_patchify_proj");

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        TransformerConfig config = TransformerConfig.of(
                ConfigSection.of("transformer", golden.config().path("transformer")));
        try (TensorArena arena = new TensorArena()) {
            Weights weights = golden.weights(golden.outputType(), arena).under("model.diffusion_model");
            Transformer transformer = Transformer.load(config, weights);
            weights.finish("transformer");
            RecordedTrace trace = new RecordedTrace(TransformerCheck::referenceName);
            StreamInput video = input(golden, "video", transformer, trace);
            StreamInput audio = golden.hasInput("audio.latent") ? input(golden, "audio", transformer, trace) : null;
            Velocity velocity = transformer.forward(video, audio, perturbations(golden, config), trace);
            Map<String, Tensor> results = new LinkedHashMap<>(trace.tensors());
            add(results, "video", video, velocity.video());
            if (audio != null) {
                add(results, "audio", audio, velocity.audio());
            }
            return results;
        }
    }

    private static StreamInput input(GoldenCase golden, String stream, Transformer transformer, Trace trace) {
        boolean video = stream.equals("video");
        Tensor positions = golden.input(stream + ".positions");
        var geometry = video ? transformer.videoGeometry(positions) : transformer.audioGeometry(positions);
        trace(trace, "rope." + stream, geometry.self());
        trace(trace, "rope." + stream + "_cross", geometry.cross());
        Tensor context = golden.input(stream + ".context");
        StreamText text = video ? transformer.videoText(context, null) : transformer.audioText(context, null);
        trace.see(video ? "caption_projection" : "audio_caption_projection", text.context());
        return new StreamInput(
                golden.input(stream + ".latent"),
                golden.input(stream + ".sigma"),
                golden.input(stream + ".timesteps"),
                geometry,
                text);
    }

    private static void trace(Trace trace, String name, RotaryTable table) {
        trace.see(name + ".cos", table.cosine());
        trace.see(name + ".sin", table.sine());
    }

    /// `video.modulation.vectors` is `adaln_single.modulation`, `video.block0` is `block0.video`.
    private static String referenceName(String name) {
        int end = name.lastIndexOf('.');
        String head = HEADS.get(name.substring(0, end < 0 ? 0 : end));
        if (head != null) {
            return head + (name.endsWith(".vectors") ? ".modulation" : name.substring(end));
        }
        return name.contains(".block")
                ? name.substring(end + 1) + "." + name.substring(0, end)
                : ENTRIES.getOrDefault(name, name);
    }

    private static void add(Map<String, Tensor> results, String stream, StreamInput input, Tensor velocity) {
        results.put(stream + ".velocity", velocity);
        results.put(stream + ".denoised", Velocity.denoised(input.latent(), velocity, input.timesteps()));
    }

    /// From flags `[kind, block, sample]`, kinds being video self, audio self, audio to video, video to audio.
    private static List<Perturbation> perturbations(GoldenCase golden, TransformerConfig config) {
        if (!golden.hasInput("perturbation_keep")) {
            return List.of();
        }
        Tensor flags = golden.input("perturbation_keep");
        int samples = (int) flags.size(2);
        List<Perturbation> perturbations = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            Set<Integer> videoToAudio = skipped(flags, 3, sample);
            boolean isolated = videoToAudio.size() == config.blocks();
            if (!skipped(flags, 2, sample).equals(videoToAudio) || (!isolated && !videoToAudio.isEmpty())) {
                throw new IllegalArgumentException("sample %d is isolated in some blocks only".formatted(sample));
            }
            perturbations.add(new Perturbation(skipped(flags, 0, sample), skipped(flags, 1, sample), isolated));
        }
        return perturbations;
    }

    private static Set<Integer> skipped(Tensor flags, int kind, int sample) {
        float[] keep = flags.select(0, kind).select(1, sample).toFloatArray(); // [block]
        Set<Integer> blocks = new HashSet<>();
        for (int block = 0; block < keep.length; block++) {
            if (keep[block] == 0) {
                blocks.add(block);
            }
        }
        return blocks;
    }
}
