package io.zoetrope.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.transformer.Geometry;
import io.zoetrope.engine.transformer.GivenBlock;
import io.zoetrope.engine.transformer.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// One block with given modulations.
final class TransformerBlockCheck implements GoldenCheck {

    /// What the block calls its attentions and feed-forwards, and what the reference does.
    private static final Map<String, String> TRACES = Map.of(
            "video.self", "attn1",
            "video.text", "attn2",
            "video.other", "audio_to_video_attn",
            "video.feed_forward", "ff",
            "audio.self", "audio_attn1",
            "audio.text", "audio_attn2",
            "audio.other", "video_to_audio_attn",
            "audio.feed_forward", "audio_ff");

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        // The projection of the captions lies outside the block, so its case names no width.
        ObjectNode transformer = golden.config().withObject("/transformer").put("caption_channels", 1);
        TransformerConfig config = TransformerConfig.of(ConfigSection.of("transformer", transformer));
        try (TensorArena arena = new TensorArena()) {
            Weights weights =
                    golden.weights(golden.outputType(), arena).under("model.diffusion_model.transformer_blocks", 0);
            GivenBlock block = GivenBlock.load(config, weights);
            weights.finish("transformer block");
            float[] keep = golden.hasInput("perturbation_keep")
                    ? golden.input("perturbation_keep").toFloatArray()
                    : null;
            RecordedTrace trace = new RecordedTrace(TransformerBlockCheck::referenceName);
            GivenBlock.Outputs outputs =
                    block.forward(inputs(golden, "video", config), inputs(golden, "audio", config), keep, trace);
            Map<String, Tensor> results = new LinkedHashMap<>(trace.tensors());
            results.put("video.x", outputs.video());
            results.put("audio.x", outputs.audio());
            return results;
        }
    }

    /// `video.self.in` is `attn1.in`.
    private static String referenceName(String name) {
        int end = name.lastIndexOf('.');
        return TRACES.get(name.substring(0, end)) + name.substring(end);
    }

    private static GivenBlock.Inputs inputs(GoldenCase golden, String stream, TransformerConfig config) {
        return new GivenBlock.Inputs(
                golden.input(stream + ".x"),
                golden.input(stream + ".context"),
                golden.input(stream + ".modulation"),
                golden.input(stream + ".cross_scale_shift"),
                golden.input(stream + ".cross_gate"),
                golden.optionalInput(stream + ".prompt_modulation"),
                new Geometry(
                        rotation(golden, stream + ".rope", config), rotation(golden, stream + ".cross_rope", config)));
    }

    private static RotaryTable rotation(GoldenCase golden, String name, TransformerConfig config) {
        return RotaryTable.of(
                config.rotary().type(), config.heads(), golden.input(name + "_cos"), golden.input(name + "_sin"));
    }
}
