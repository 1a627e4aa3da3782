package io.zoetrope.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.capacity.MemoryDemand;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.plan.CheckpointDescription;
import io.zoetrope.plan.ComputeDevice;
import io.zoetrope.plan.DrawnSeed;
import io.zoetrope.plan.EngineSettings;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.ModelDefaults;
import io.zoetrope.plan.ModelDescription;
import io.zoetrope.plan.OfferedModel;
import io.zoetrope.plan.PlanOutcome;
import io.zoetrope.plan.Planner;
import io.zoetrope.plan.Precision;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.RequestReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope inspect`: what a checkpoint is. Reads headers only, but for the digest of a model folder.
@Command(
        name = "inspect",
        description = {
            "Tells what a checkpoint file or model folder is: version, configuration, parameters, types of its numbers.",
            "For a model folder also the memory that a clip needs; the clip's size is the model's default, or given by"
                    + " options."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

    /// The components of a checkpoint, by the prefix of their keys.
    private static final Map<String, String> COMPONENTS = new TreeMap<>(Map.of(
            "model.diffusion_model.", "transformer and connectors",
            "text_embedding_projection.", "text projection",
            "vae.", "video autoencoder",
            "audio_vae.", "audio autoencoder",
            "vocoder.", "vocoder"));

    @Parameters(paramLabel = "FILE", description = "A safetensors file, or the folder of a model.")
    private Path path;

    @Option(
            names = "--precision",
            defaultValue = "float32",
            paramLabel = "TYPE",
            description = "Type in which it would compute: float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
    private String precision;

    @Option(names = "--width", paramLabel = "PIXELS", description = "Of the clip whose memory is predicted.")
    private Integer width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "Of that clip.")
    private Integer height;

    @Option(names = "--frames", paramLabel = "N", description = "Of that clip, 8k + 1.")
    private Integer frames;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean folder = Files.isDirectory(path);
        ModelFiles files = folder ? ModelFiles.of(path) : null;
        try (Checkpoint checkpoint = folder ? files.openAnyCheckpoint() : Checkpoint.open(List.of(path))) {
            describe(checkpoint);
        }
        if (folder) {
            memory(files);
        }
        return 0;
    }

    private void describe(Checkpoint checkpoint) {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, SafetensorsFile.Entry> entries = checkpoint.entries();
        out.println("file        " + checkpoint.subject());
        out.println("version     " + checkpoint.metadata().getOrDefault("model_version", "(none)"));
        out.printf("tensors     %d, %,d parameters%n", entries.size(), parameters(entries, ""));
        Map<DataType, Integer> types = new TreeMap<>();
        entries.values().forEach(entry -> types.merge(entry.type(), 1, Integer::sum));
        out.println("types       " + types);
        COMPONENTS.forEach((prefix, name) -> {
            if (checkpoint.hasPrefix(prefix)) {
                out.printf("component   %s: %,d parameters%n", name, parameters(entries, prefix));
            }
        });
        if (checkpoint.metadata().containsKey("config")) {
            checkpoint
                    .config()
                    .properties()
                    .forEach(section -> out.printf("config      %s: %s%n", section.getKey(), section.getValue()));
        }
    }

    private void memory(ModelFiles files) throws IOException {
        Precision wanted = Precisions.parse(precision);
        ModelDescription description = CheckpointDescription.read(
                path.toAbsolutePath().normalize().getFileName().toString(), files, EngineSettings.type(wanted));
        OfferedModel offered = new OfferedModel(description, ModelDefaults.of(path, description.version()), _ -> 1);
        ParsedRequest parsed = RequestReader.read(request());
        if (!parsed.isValid()) {
            throw RequestOptions.wrong(parsed.problems());
        }
        Planner planner = new Planner(List.of(offered), new ComputeDevice("cpu", wanted, Long.MAX_VALUE, 1));
        GenerationPlan plan = switch (planner.plan(parsed, DrawnSeed::random)) {
            case PlanOutcome.Planned(var made) -> made;
            case PlanOutcome.Refused(var problems) -> throw RequestOptions.wrong(problems);
        };
        PrintWriter out = spec.commandLine().getOut();
        out.println("digest      " + description.digest());
        out.printf(
                "clip        %d frames of %d x %d in %s%n",
                plan.video().frames(), plan.video().width(), plan.video().height(), wanted.label());
        stage(out, "text-encode", plan.memory().textEncode());
        stage(out, "denoise", plan.memory().denoise());
        stage(out, "decode", plan.memory().decode());
    }

    /// A request for a clip of the size asked for; its prompt does not matter for memory.
    private byte[] request() {
        ObjectNode request = new ObjectMapper().createObjectNode().put("prompt", "any");
        if (width != null) {
            request.put("width", width);
        }
        if (height != null) {
            request.put("height", height);
        }
        if (frames != null) {
            request.put("frames", frames);
        }
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void stage(PrintWriter out, String name, io.zoetrope.plan.StageMemory.Use use) {
        out.printf(
                "memory      %s: weights %s, activations %s%n",
                name, MemoryDemand.readable(use.weights()), MemoryDemand.readable(use.activations()));
    }

    private static long parameters(Map<String, SafetensorsFile.Entry> entries, String prefix) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .mapToLong(entry -> entry.getValue().shape().stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }
}
