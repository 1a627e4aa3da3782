package io.zoetrope.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What is left of the demo model when of every stack of alike layers only the first stays, and of the text's 64
/// channels
/// 16, which are one head: it makes nothing worth hearing, in next to no time, and passes through every part of the
/// engine.
final class SmallestModel {

    private static final Pattern LATER_LAYER =
            Pattern.compile(".*(transformer_blocks|transformer_1d_blocks)\\.[1-9]\\d*\\..*");
    private static final int HEADS = 4;
    private static final List<String> LAYERS = List.of("num_layers", "connector_num_layers");
    private static final String CHECKPOINT = "ltx2-demo.safetensors";

    private SmallestModel() {}

    /// Writes the model.
    ///
    /// @param demo folder of the demo model
    /// @param made folder of the new one, which is made
    static void write(Path demo, Path made) throws IOException {
        copy(demo, made);
        try (TensorScope _ = TensorScope.open();
                SafetensorsFile all = SafetensorsFile.open(demo.resolve(CHECKPOINT));
                OutputStream out = Files.newOutputStream(made.resolve(CHECKPOINT))) {
            Map<String, Tensor> kept = new TreeMap<>();
            for (String name : all.entries().keySet()) {
                if (!LATER_LAYER.matcher(name).matches()) {
                    kept.put(name, narrowed(name, all.tensor(name)));
                }
            }
            Map<String, String> metadata = new HashMap<>(all.metadata());
            metadata.remove("format");
            metadata.put("config", smallest(metadata.get("config")));
            SafetensorsWriter.write(out, kept, metadata);
        }
    }

    /// The first head's share of what carries the text.
    private static Tensor narrowed(String name, Tensor tensor) {
        if (name.contains("_embeddings_connector.")) {
            boolean registers = name.endsWith(".learnable_registers");
            Tensor rows = registers ? tensor : share(tensor, 0);
            return tensor.rank() == 1 ? rows : share(rows, 1);
        }
        if (name.endsWith("caption_projection.linear_1.weight")) {
            return share(tensor, 1);
        }
        return name.equals("text_embedding_projection.aggregate_embed.weight") ? share(tensor, 0) : tensor;
    }

    private static Tensor share(Tensor tensor, int axis) {
        return tensor.narrow(axis, 0, tensor.size(axis) / HEADS);
    }

    private static String smallest(String config) throws IOException {
        ObjectNode tree = (ObjectNode) new ObjectMapper().readTree(config);
        ObjectNode transformer = (ObjectNode) tree.get("transformer");
        LAYERS.forEach(key -> transformer.put(key, 1));
        transformer.put("caption_channels", transformer.get("caption_channels").intValue() / HEADS);
        transformer.put("connector_num_attention_heads", 1);
        return tree.toString();
    }

    private static void copy(Path demo, Path made) throws IOException {
        try (Stream<Path> files = Files.walk(demo)) {
            for (Path file : files.toList()) {
                Path target = made.resolve(demo.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.getFileName().toString().equals(CHECKPOINT)) {
                    Files.copy(file, target);
                }
            }
        }
    }
}
