package io.zoetrope.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.Component;
import io.zoetrope.engine.checkpoint.FilePurpose;
import io.zoetrope.engine.checkpoint.ModelNeeds;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.text.GemmaFolder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a file or folder is, as JSON with the keys in the order of reading. Headers only, no weights.
final class Inspection {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LORA_ENDING = ".lora_A.weight";

    private Inspection() {}

    /// One safetensors file.
    static ObjectNode ofFile(Path path) {
        FilePurpose purpose;
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            purpose = FilePurpose.of(file);
        }
        if (purpose == FilePurpose.MODEL) {
            return ofModel(ModelFiles.of(path));
        }
        try (Checkpoint checkpoint = Checkpoint.open(List.of(path))) {
            ObjectNode report = begin(path, purpose.label());
            weights(report, checkpoint);
            if (purpose == FilePurpose.LORA) {
                lora(report, checkpoint);
            }
            ObjectNode metadata = report.putObject("metadata");
            checkpoint.metadata().forEach((key, value) -> {
                if (!key.equals("config")) {
                    metadata.put(key, value);
                }
            });
            config(report, checkpoint);
            needs(report, checkpoint);
            return report;
        }
    }

    /// The networks of a model, and what lies beside them.
    static ObjectNode ofModel(ModelFiles files) {
        try (Checkpoint checkpoint = files.openAnyCheckpoint()) {
            ObjectNode report = begin(files.layout().path(), FilePurpose.MODEL.label());
            report.put("version", checkpoint.metadata().getOrDefault("model_version", ""));
            var paths = report.putArray("files");
            files.checkpoint().forEach(path -> paths.add(path.toString()));
            weights(report, checkpoint);
            ObjectNode components = report.putObject("components");
            Arrays.stream(Component.values())
                    .filter(component -> checkpoint.hasPrefix(component.prefix()))
                    .forEach(
                            component -> components.put(component.label(), parameters(checkpoint, component.prefix())));
            config(report, checkpoint);
            var upsamplers = report.putArray("upsamplers");
            files.upsamplers().keySet().forEach(upsamplers::add);
            var loras = report.putArray("loras");
            files.loras().keySet().forEach(loras::add);
            needs(report, checkpoint);
            missing(report, checkpoint, files);
            return report;
        }
    }

    /// The folder of a text model.
    static ObjectNode ofTextModel(Path folder) {
        ObjectNode report = begin(folder, FilePurpose.TEXT_MODEL.label());
        try {
            GemmaFolder gemma = GemmaFolder.open(folder);
            report.put("version", gemma.version().orElse(""));
            var paths = report.putArray("files");
            gemma.files().forEach(path -> paths.add(path.toString()));
            try (Checkpoint checkpoint = Checkpoint.open(gemma.weights())) {
                weights(report, checkpoint);
            }
            report.set("config", JSON.valueToTree(gemma.config()));
        } catch (CheckpointException e) {
            String type = GemmaFolder.modelType(folder);
            if (!type.startsWith("gemma4")) {
                throw e;
            }
            report.putArray("needs").add("needs 2.5 support: Gemma 4 (%s)".formatted(type));
        }
        return report;
    }

    private static ObjectNode begin(Path path, String kind) {
        return JSON.createObjectNode().put("path", path.toString()).put("kind", kind);
    }

    private static void weights(ObjectNode report, Checkpoint checkpoint) {
        Map<DataType, Integer> types = new TreeMap<>();
        checkpoint.entries().values().forEach(entry -> types.merge(entry.type(), 1, Integer::sum));
        report.put("tensors", checkpoint.entries().size()).put("parameters", parameters(checkpoint, ""));
        ObjectNode counts = report.putObject("types");
        types.forEach((type, count) -> counts.put(type.name(), count));
    }

    private static void lora(ObjectNode report, Checkpoint checkpoint) {
        Map<Long, Integer> ranks = new TreeMap<>();
        checkpoint.entries().forEach((name, entry) -> {
            if (name.endsWith(LORA_ENDING) && !entry.shape().isEmpty()) {
                ranks.merge(entry.shape().getFirst(), 1, Integer::sum);
            }
        });
        report.put("layers", ranks.values().stream().mapToInt(Integer::intValue).sum());
        var found = report.putArray("ranks");
        ranks.keySet().forEach(found::add);
    }

    private static void config(ObjectNode report, Checkpoint checkpoint) {
        if (checkpoint.metadata().containsKey("config")) {
            report.set("config", checkpoint.config());
        }
    }

    private static void needs(ObjectNode report, Checkpoint checkpoint) {
        var needs = report.putArray("needs");
        ModelNeeds.of(checkpoint).lines().forEach(needs::add);
    }

    private static void missing(ObjectNode report, Checkpoint checkpoint, ModelFiles files) {
        var missing = report.putArray("missing");
        try {
            Ltx2.requireComplete(checkpoint);
        } catch (CheckpointException e) {
            e.problems().forEach(missing::add);
        }
        try {
            files.openGemma();
        } catch (CheckpointException e) {
            missing.add(e.getMessage());
        }
    }

    private static long parameters(Checkpoint checkpoint, String prefix) {
        return checkpoint.entries().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToLong(entry -> entry.getValue().shape().stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }
}
