package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.CopyLane;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.tensor.Upload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A transformer that is larger than its device: the linear layers of its blocks, which are nearly all of
/// it, stay on the host. See [StreamedBlocks].
public final class StreamedTransformer {

    /// Blocks on the device: one computes, one is ready, one is on its way.
    public static final int SLOTS = 3;

    private static final String BLOCK = "transformer_blocks.";

    private StreamedTransformer() {}

    /// @param host   cursor on the CPU, for the linear layers; they are copied
    /// @param device cursor of the device at the same place of the same checkpoint, for everything else
    /// @param lane   to the device; taken over
    /// @param slots  of blocks on the device, at least 1
    /// @param arena  owns what is made here
    public static Transformer load(
            TransformerConfig config, Weights host, Weights device, CopyLane lane, int slots, TensorArena arena) {
        arena.own(lane);
        Transformer _ = Transformer.load(config, host); // so that the cursor knows them
        List<Map<String, LinearWeight>> blocks = new ArrayList<>();
        Map<String, LinearWeight> linears = new LinkedHashMap<>(host.linears());
        for (int block = 0; block < config.blocks(); block++) {
            Map<String, LinearWeight> own = new LinkedHashMap<>();
            String prefix = BLOCK + block + ".";
            linears.forEach((name, weight) -> {
                if (name.startsWith(prefix)) {
                    own.put(name, weight);
                }
            });
            blocks.add(own);
        }
        try (TensorScope _ = TensorScope.open()) {
            StreamedBlocks streamed = new StreamedBlocks(blocks, lane, slots);
            Map<String, Tensor> views = streamed.views();
            Map<String, LinearWeight> placed = new HashMap<>();
            linears.forEach((name, weight) -> {
                Tensor view = views.get(name);
                Tensor stored = view == null ? Upload.to(device.device(), weight.stored()) : view;
                placed.put(name, moved(weight, arena.own(stored), device.device(), arena));
            });
            return Transformer.load(config, device.overlaid(placed, arena), streamed);
        }
    }

    private static LinearWeight moved(LinearWeight weight, Tensor stored, Device device, TensorArena arena) {
        return switch (weight) {
            case LinearWeight.Plain _ -> new LinearWeight.Plain(stored);
            case LinearWeight.Cast _ -> new LinearWeight.Cast(stored);
            case LinearWeight.Scaled scaled ->
                new LinearWeight.Scaled(
                        stored,
                        arena.own(scaled.scale().to(device)),
                        scaled.inputScale() == null
                                ? null
                                : arena.own(scaled.inputScale().to(device)));
        };
    }
}
