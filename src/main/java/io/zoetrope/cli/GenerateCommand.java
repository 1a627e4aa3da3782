package io.zoetrope.cli;

import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.Decoder;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.FrameSink;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Ltx2;
import io.zoetrope.engine.ModelFiles;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.sampling.GuidancePass;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.Enhancement;
import io.zoetrope.engine.text.TextContextCache;
import io.zoetrope.media.PngWriter;
import io.zoetrope.media.RgbFrames;
import io.zoetrope.media.WavWriter;
import io.zoetrope.plan.CheckpointDescription;
import io.zoetrope.plan.ComputeDevice;
import io.zoetrope.plan.DrawnSeed;
import io.zoetrope.plan.EngineSettings;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.ModelDefaults;
import io.zoetrope.plan.OfferedModel;
import io.zoetrope.plan.PlanOutcome;
import io.zoetrope.plan.Planner;
import io.zoetrope.plan.Precision;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.worker.ClipFiles;
import io.zoetrope.worker.ConditionException;
import io.zoetrope.worker.DeviceMemory;
import io.zoetrope.worker.EncodedPlan;
import io.zoetrope.worker.PlanEncoder;
import io.zoetrope.worker.PromptEnhancement;
import io.zoetrope.worker.ServedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope generate`: a clip by this process alone, without a broker.
@Command(
        name = "generate",
        description =
                "Makes a clip in this process, without a broker. Options that are left out are the model's defaults.",
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    @Mixin
    private RequestOptions options;

    @Mixin
    private EngineOptions engineOptions;

    @Option(
            names = "--model-folder",
            paramLabel = "DIR",
            description =
                    "Folder with a checkpoint (*.safetensors), gemma/ and defaults.json (default: the demo model).")
    private Path folder;

    @Option(
            names = "--precision",
            defaultValue = "float32",
            paramLabel = "TYPE",
            description = "float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
    private String precision;

    @Option(
            names = "--weights",
            defaultValue = "compute-type",
            paramLabel = "STORAGE",
            description = "The transformer's large layers in memory: compute-type, float8-cast or float8-scaled"
                    + " (default: ${DEFAULT-VALUE}).")
    private String weights;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory that the clip may take, such as 800M or 2G (default: the device's). Clips that would"
                    + " take more are decoded in tiles.")
    private String memory;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The MP4 (default: clips/<seed>.mp4).")
    private Path output;

    @Option(
            names = "--dump",
            paramLabel = "DIR",
            description = "Also frames as PNG, samples as WAV and latents as safetensors, before encoding.")
    private Path dump;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Warnings.showOn(spec.commandLine().getErr());
        ParsedRequest parsed = options.parsed(null);
        if (!parsed.isValid()) {
            throw RequestOptions.wrong(parsed.problems());
        }
        Precision wanted = Precisions.parse(precision);
        Device device = engineOptions.device();
        Path modelFolder = folder == null ? ShippedFiles.demoModel() : folder;
        ModelFiles files = ModelFiles.of(modelFolder);
        try (Ltx2 engine = Ltx2.load(files, device, EngineSettings.type(wanted), storage())) {
            ServedModel model = new ServedModel(
                    offered(engine, modelFolder, files, wanted), engine, new TextContextCache(engine.textEncoder(), 0));
            GenerationPlan plan = plan(parsed, model.offered(), device, wanted);
            plan.warnings().forEach(warning -> spec.commandLine().getErr().println("warning: " + warning));
            if (plan.tiling() != null) {
                spec.commandLine().getErr().println("decoded in tiles of " + plan.tiling());
            }
            Path file = output == null
                    ? Path.of("clips", "%s.%s".formatted(plan.noise().seed(), plan.soundOnly() ? "wav" : "mp4"))
                    : output;
            generate(model, plan, file);
            spec.commandLine()
                    .getOut()
                    .printf("%s (seed %s)%n", file, plan.noise().seed());
        }
        return 0;
    }

    private long bytes(Device device) {
        if (memory == null) {
            return DeviceMemory.of(device).total();
        }
        try {
            return new MemorySizeConverter().convert(memory).asLongValue();
        } catch (IllegalArgumentException e) {
            throw new InputException("--memory: %s is no size such as 800M or 2G".formatted(memory));
        }
    }

    private WeightStorage storage() {
        try {
            return WeightStorage.named(weights);
        } catch (IllegalArgumentException e) {
            throw new InputException("--weights: " + e.getMessage());
        }
    }

    private static OfferedModel offered(Ltx2 engine, Path modelFolder, ModelFiles files, Precision precision)
            throws IOException {
        String name = modelFolder.toAbsolutePath().normalize().getFileName().toString();
        var description = CheckpointDescription.read(name, files, EngineSettings.type(precision));
        return new OfferedModel(
                description,
                ModelDefaults.of(modelFolder, description.version()),
                prompt -> engine.textEncoder().count(prompt) - 1);
    }

    private GenerationPlan plan(ParsedRequest parsed, OfferedModel offered, Device device, Precision precision) {
        Planner planner = new Planner(
                List.of(offered),
                new ComputeDevice(device.toString(), precision, bytes(device), GuidancePass.values().length));
        return switch (planner.plan(parsed, DrawnSeed::random)) {
            case PlanOutcome.Planned(var plan) -> plan;
            case PlanOutcome.Refused(var problems) -> throw RequestOptions.wrong(problems);
        };
    }

    private void generate(ServedModel model, GenerationPlan plan, Path file) throws IOException {
        try (TensorScope _ = TensorScope.open()) {
            EncodedPlan encoded = encode(model, plan);
            Denoiser.Job job = model.denoising(plan, encoded.given());
            Latents latents;
            try (Progress progress = Progress.of("denoise", job.steps())) {
                latents = model.engine()
                        .denoiser()
                        .denoise(
                                job,
                                encoded.positive(),
                                encoded.negative(),
                                step -> progress.at(step.step()),
                                TraceListener.NONE);
            }
            Decoder decoder = model.engine().decoder();
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            Waveform sound;
            if (dump != null) {
                Files.createDirectories(dump);
            }
            if (plan.soundOnly()) {
                sound = ClipFiles.decodeSound(decoder, latents, file);
            } else {
                FrameSink also = dump == null ? _ -> {} : framesTo(dump);
                sound = ClipFiles.decodeVideo(decoder, latents, plan, plan.tiling(), encoded.sound(), file, also);
            }
            if (dump != null) {
                dump(latents, sound);
            }
        }
    }

    private EncodedPlan encode(ServedModel model, GenerationPlan plan) {
        try {
            String prompt = PromptEnhancement.of(
                            plan, model.engine().textEncoder().enhancer())
                    .map(this::told)
                    .orElse(plan.prompt());
            return new PlanEncoder(model, GenerateCommand::localFile).encode(plan, prompt);
        } catch (ConditionException e) {
            throw new InputException(e.getMessage());
        }
    }

    private String told(Enhancement enhancement) {
        PrintWriter out = spec.commandLine().getOut();
        switch (enhancement) {
            case Enhancement.Enhanced enhanced -> out.println("prompt: " + enhanced.prompt());
            case Enhancement.Kept kept -> out.println("prompt kept: " + kept.reason());
        }
        return enhancement.prompt();
    }

    /// Who types the command may read what they may read.
    private static Path localFile(String field, String source, Path folder) {
        Path file = Path.of(source);
        if (!Files.isRegularFile(file)) {
            throw new InputException("%s: %s is no file".formatted(field, source));
        }
        return file;
    }

    private static FrameSink framesTo(Path folder) {
        int[] passed = {0};
        return chunk -> {
            RgbFrames frames = ClipFiles.frames(chunk);
            for (int frame = 0; frame < frames.frames(); frame++) {
                PngWriter.write(folder.resolve("frame-%04d.png".formatted(passed[0]++)), frames, frame);
            }
        };
    }

    private void dump(Latents latents, Waveform sound) throws IOException {
        WavWriter.write(dump.resolve("sound.wav"), ClipFiles.sound(sound));
        try (OutputStream out = Files.newOutputStream(dump.resolve("latents.safetensors"))) {
            Map<String, Tensor> tensors = new HashMap<>(Map.of("audio", latents.audio(), "samples", sound.samples()));
            if (latents.video() != null) {
                tensors.put("video", latents.video());
            }
            SafetensorsWriter.write(out, tensors, Map.of());
        }
    }
}
