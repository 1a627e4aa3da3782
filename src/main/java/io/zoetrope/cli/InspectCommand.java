package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.capacity.MemoryDemand;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.sampling.GuidancePass;
import io.zoetrope.engine.text.GemmaFolder;
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
import io.zoetrope.plan.StageMemory;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.request.RequestReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope inspect`: what a file or folder is. Reads headers only, but for the digest of a whole model.
@Command(
        name = "inspect",
        description = {
            "Tells what a file or folder is: a model in any layout, a text model, a latent upsampler or a LoRA; its"
                    + " version, configuration, parameters, types of its numbers, and what it needs that is not there.",
            "For a whole model also the memory that a clip needs; the clip's size is the model's default, or given by"
                    + " options."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

    /// Labels of lists, of which each line shows one.
    private static final Map<String, String> SINGULAR =
            Map.of("files", "part", "upsamplers", "upsampler", "loras", "lora", "ranks", "rank");

    @Parameters(paramLabel = "FILE", description = "A safetensors file, or the folder of a model or text model.")
    private Path path;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

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
        Warnings.showOn(spec.commandLine().getErr());
        ObjectNode report = report();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.toPrettyString());
        } else {
            print(report, out);
        }
        return 0;
    }

    private ObjectNode report() throws IOException {
        if (Files.isRegularFile(path)) {
            return whole(Inspection.ofFile(path));
        }
        if (Files.isDirectory(path)
                && !ModelFiles.areIn(path)
                && !GemmaFolder.modelType(path).isEmpty()) {
            return Inspection.ofTextModel(path);
        }
        return whole(Inspection.ofModel(ModelFiles.of(path)));
    }

    /// With the memory of a clip, where there is a model that can make one.
    private ObjectNode whole(ObjectNode report) throws IOException {
        boolean complete = report.path("missing").isArray()
                && report.path("missing").isEmpty()
                && report.path("needs").isEmpty();
        if (complete) {
            memory(ModelFiles.of(path), report);
        }
        return report;
    }

    private void memory(ModelFiles files, ObjectNode report) throws IOException {
        Precision wanted = Precisions.parse(precision);
        ModelDescription description = CheckpointDescription.read(
                path.toAbsolutePath().normalize().getFileName().toString(), files, EngineSettings.type(wanted));
        OfferedModel offered = new OfferedModel(description, ModelDefaults.of(path, description.version()), _ -> 1);
        ParsedRequest parsed = RequestReader.read(request());
        if (!parsed.isValid()) {
            throw RequestOptions.wrong(parsed.problems());
        }
        Planner planner = new Planner(
                List.of(offered), new ComputeDevice("cpu", wanted, Long.MAX_VALUE, GuidancePass.values().length));
        GenerationPlan plan = switch (planner.plan(parsed, DrawnSeed::random)) {
            case PlanOutcome.Planned(var made) -> made;
            case PlanOutcome.Refused(var problems) -> throw RequestOptions.wrong(problems);
        };
        report.put("digest", description.digest());
        report.putObject("clip")
                .put("frames", plan.video().frames())
                .put("width", plan.video().width())
                .put("height", plan.video().height())
                .put("precision", wanted.label());
        ObjectNode memory = report.putObject("memory");
        stage(memory, "text-encode", plan.memory().textEncode());
        stage(memory, "denoise", plan.memory().denoise());
        stage(memory, "decode", plan.memory().decode());
    }

    private static void stage(ObjectNode memory, String name, StageMemory.Use use) {
        memory.putObject(name)
                .put("weights", use.weights())
                .put("mapped", use.mapped())
                .put("activations", use.activations());
    }

    private static void print(ObjectNode report, PrintWriter out) {
        report.properties().forEach(field -> {
            JsonNode value = field.getValue();
            switch (field.getKey()) {
                case "path" -> line(out, "file", value.asText());
                case "parameters" -> {} // with the tensors
                case "tensors" ->
                    line(
                            out,
                            "tensors",
                            "%d, %,d parameters"
                                    .formatted(
                                            value.asLong(),
                                            report.path("parameters").asLong()));
                case "version" -> line(out, "version", value.asText().isEmpty() ? "(none)" : value.asText());
                case "types" -> line(out, "types", value.toString().replace("\"", ""));
                case "components" ->
                    value.properties()
                            .forEach(entry -> line(
                                    out,
                                    "component",
                                    "%s: %,d parameters"
                                            .formatted(
                                                    entry.getKey(),
                                                    entry.getValue().asLong())));
                case "config", "metadata" ->
                    value.properties()
                            .forEach(entry ->
                                    line(out, field.getKey(), "%s: %s".formatted(entry.getKey(), entry.getValue())));
                case "needs" -> value.forEach(need -> out.println(need.asText()));
                case "clip" ->
                    line(
                            out,
                            "clip",
                            "%d frames of %d x %d in %s"
                                    .formatted(
                                            value.path("frames").asInt(),
                                            value.path("width").asInt(),
                                            value.path("height").asInt(),
                                            value.path("precision").asText()));
                case "memory" ->
                    value.properties()
                            .forEach(entry -> line(
                                    out,
                                    "memory",
                                    "%s: weights %s (on a CPU %s of it stay in the file), activations %s"
                                            .formatted(
                                                    entry.getKey(),
                                                    readable(entry.getValue(), "weights"),
                                                    readable(entry.getValue(), "mapped"),
                                                    readable(entry.getValue(), "activations"))));
                default -> {
                    if (value.isArray()) {
                        value.forEach(item ->
                                line(out, SINGULAR.getOrDefault(field.getKey(), field.getKey()), item.asText()));
                    } else {
                        line(out, field.getKey(), value.asText());
                    }
                }
            }
        });
    }

    private static String readable(JsonNode use, String field) {
        return MemoryDemand.readable(use.path(field).asLong());
    }

    private static void line(PrintWriter out, String label, String text) {
        out.printf("%-12s%s%n", label, text);
    }

    /// A request for a clip of the size asked for. Its prompt does not matter for memory, nor which blocks are
    /// perturbed; the preset names one that only published models have.
    private byte[] request() {
        ObjectNode request = new ObjectMapper().createObjectNode().put("prompt", "any");
        ObjectNode guidance = request.putObject("guidance");
        guidance.putObject("video").putArray("blocks").add(0);
        guidance.putObject("audio").putArray("blocks").add(0);
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
}
