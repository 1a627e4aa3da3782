package io.zoetrope.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.transformer.GivenBlock;
import io.zoetrope.engine.transformer.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/// One block with given modulations.
final class TransformerBlockCheck implements GoldenCheck {

    @Override
    public Map<String, Tensor> run(GoldenCase golden, Locations locations) {
        // The projection of the captions lies outside the block, so its case names no width.
        ObjectNode transformer = golden.config().withObject("/transformer").put("caption_channels", 1);
        TransformerConfig config = TransformerConfig.of(ConfigSection.of("transformer", transformer));
        try (TensorArena arena = new TensorArena()) {
            Weights weights =
                    golden.weights(DataType.FLOAT32, arena).under("model.diffusion_model.transformer_blocks", 0);
            GivenBlock block = GivenBlock.load(config, weights);
            weights.finish("transformer block");
            float[] keep = golden.hasInput("perturbation_keep")
                    ? golden.input("perturbation_keep").toFloatArray()
                    : null;
            var output = block.forward(side(golden, "video", config), side(golden, "audio", config), keep);
            Map<String, Tensor> results = new LinkedHashMap<>();
            results.put("video.x", output.video());
            results.put("audio.x", output.audio());
            return results;
        }
    }

    private static GivenBlock.Inputs side(GoldenCase golden, String stream, TransformerConfig config) {
        return new GivenBlock.Inputs(
                golden.input(stream + ".x"),
                golden.input(stream + ".context"),
                golden.input(stream + ".modulation"),
                golden.input(stream + ".cross_scale_shift"),
                golden.input(stream + ".cross_gate"),
                golden.optionalInput(stream + ".prompt_modulation"),
                rotation(golden, stream + ".rope", config),
                rotation(golden, stream + ".cross_rope", config));
    }

    private static RotaryTable rotation(GoldenCase golden, String name, TransformerConfig config) {
        return RotaryTable.of(
                config.rotary().type(), config.heads(), golden.input(name + "_cos"), golden.input(name + "_sin"));
    }
}
