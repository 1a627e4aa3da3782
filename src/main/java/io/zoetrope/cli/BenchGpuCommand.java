package io.zoetrope.cli;

import io.zoetrope.bench.ClipSize;
import io.zoetrope.bench.DeviceClip;
import io.zoetrope.bench.DevicePasses;
import io.zoetrope.bench.DeviceReference;
import io.zoetrope.bench.RandomModel;
import io.zoetrope.bench.Workload;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.tensor.AttentionPreference;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench gpu`: passes of the published size on a device, by all its ways to compute them.
@Command(
        name = "gpu",
        description = {
            "Draws a transformer of the published size, 38 GB, and computes passes of it in bfloat16 on a GPU: operator by"
                    + " operator and recorded, with each kernel of attention.",
            "With --against diffusers the reference implementation computes the same passes first, in a process of its"
                    + " own; it needs Python (bench/README.md). With --model-folder a distilled model takes the drawn one's"
                    + " place and also makes a whole clip of the first size. See docs/gpu.md."
        },
        mixinStandardHelpOptions = true)
final class BenchGpuCommand implements Callable<Integer> {

    private static final String DIFFUSERS = "diffusers";
    private static final String EAGER = "eager";
    private static final String RECORDED = "recorded";
    private static final double GIBIBYTE = 1L << 30;
    private static final double NANOSECONDS = 1e9;

    @Option(
            names = "--sizes",
            split = ",",
            defaultValue = "768x512x121,256x256x9",
            paramLabel = "SIZE",
            description = "Width, height and frames of clips (default: ${DEFAULT-VALUE}).")
    private List<String> sizes;

    @Option(
            names = "--passes",
            split = ",",
            defaultValue = EAGER + "," + RECORDED,
            paramLabel = "HOW",
            description = "eager, recorded (default: ${DEFAULT-VALUE}).")
    private List<String> passes;

    @Option(
            names = "--attention",
            split = ",",
            defaultValue = "auto,flash,cudnn,memory-efficient",
            paramLabel = "KERNEL",
            description = "Preferred kernels: auto, flash, memory-efficient, cudnn, math (default: ${DEFAULT-VALUE}).")
    private List<String> attention;

    @Option(
            names = "--weights",
            defaultValue = "compute-type",
            paramLabel = "STORAGE",
            description = "compute-type or float8-cast (default: ${DEFAULT-VALUE}).")
    private String weights;

    @Option(names = "--streamed", description = "Blocks stay on the host and come to the device one at a time.")
    private boolean streamed;

    @Option(
            names = "--steps",
            defaultValue = "8",
            paramLabel = "N",
            description = "Steps of a run, of which the first two do not count (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--blocks",
            defaultValue = "48",
            paramLabel = "N",
            description = "Blocks of the transformer (default: ${DEFAULT-VALUE}, as published).")
    private int blocks;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where the drawn model is written, and found the next time (default: a temporary folder).")
    private Path folder;

    @Option(names = "--against", paramLabel = "REFERENCE", description = "diffusers, to compare with it.")
    private String against;

    @Option(
            names = "--python",
            defaultValue = "python3",
            paramLabel = "PROGRAM",
            description = "Python with the packages of bench/requirements.txt (default: ${DEFAULT-VALUE}).")
    private String python;

    @Option(
            names = "--model-folder",
            paramLabel = "DIR",
            description =
                    "A distilled model with all its networks, in place of a drawn transformer; for the reference in the"
                            + " layout of diffusers (bench/draw.py draws one).")
    private Path model;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (steps <= DevicePasses.WARM_UP || blocks < 1) {
            throw new InputException("--steps %d --blocks %d; expected at least %d and 1"
                    .formatted(steps, blocks, DevicePasses.WARM_UP + 1));
        }
        if (against != null && !against.equals(DIFFUSERS)) {
            throw new InputException("--against %s; expected diffusers".formatted(against));
        }
        List<ClipSize> clips = each("--sizes", sizes, ClipSize::parse);
        List<AttentionPreference> kernels = each("--attention", attention, AttentionPreference::named);
        List<Boolean> recorded = each("--passes", passes, BenchGpuCommand::isRecorded);
        WeightStorage storage =
                each("--weights", List.of(weights), WeightStorage::named).getFirst();
        var options = Denoiser.WeightOptions.of(DataType.BFLOAT16, storage).streamed(streamed);
        Device device = engine.device();
        out().println(device.description());
        Path place = folder == null ? Files.createTempDirectory("zoetrope-bench") : Files.createDirectories(folder);
        try {
            Path measured = model == null ? drawnTransformer(place) : model;
            if (against != null) {
                reference(clips, measured, place, device);
            }
            measure(clips, kernels, recorded, measured, device, options);
        } finally {
            if (folder == null) {
                WrittenFolder.delete(place);
            }
        }
        return 0;
    }

    private Path drawnTransformer(Path place) throws IOException {
        Path file = place.resolve("published-%d.safetensors".formatted(blocks));
        if (!Files.exists(file)) {
            spec.commandLine().getErr().println("drawing " + file);
            RandomModel.writeWhole(file, Workload.published(blocks), DataType.BFLOAT16);
        }
        return file;
    }

    private void measure(
            List<ClipSize> clips,
            List<AttentionPreference> kernels,
            List<Boolean> recorded,
            Path measured,
            Device device,
            Denoiser.WeightOptions options) {
        if (model == null) {
            int captionWidth = Workload.published(blocks).captionWidth();
            try (DevicePasses bench = loaded(
                    device, () -> DevicePasses.load(measured, captionWidth, device, DataType.BFLOAT16, options))) {
                passes(clips, kernels, recorded, bench);
            }
            return;
        }
        try (DeviceClip whole = loaded(device, () -> DeviceClip.load(measured, device, DataType.BFLOAT16, options))) {
            try (DevicePasses bench = whole.passes()) {
                passes(clips, kernels, recorded, bench);
            }
            clip(clips.getFirst(), whole);
        }
    }

    private <T> T loaded(Device device, Supplier<T> load) {
        long start = System.nanoTime();
        T model = load.get();
        device.finish();
        out().printf("loaded in %.1f s%n", (System.nanoTime() - start) / NANOSECONDS);
        out().flush();
        return model;
    }

    private void passes(
            List<ClipSize> clips, List<AttentionPreference> kernels, List<Boolean> recorded, DevicePasses bench) {
        for (ClipSize clip : clips) {
            for (AttentionPreference kernel : kernels) {
                for (boolean record : recorded) {
                    var way = new DevicePasses.Way(record, kernel);
                    say(clip, way, bench.measure(clip, steps, way));
                }
            }
        }
    }

    private void reference(List<ClipSize> clips, Path measured, Path place, Device device) throws IOException {
        Path script = ShippedFiles.home().resolve("bench/reference.py");
        try (DeviceReference reference = DeviceReference.load(
                List.of(python, script.toString()),
                place.resolve("bench.log"),
                measured,
                "bfloat16",
                device.toString(),
                Runtime.getRuntime().availableProcessors())) {
            for (ClipSize clip : clips) {
                var figures = reference.passes(clip);
                say(clip, DIFFUSERS, figures.median(), figures.least(), figures.peakBytes(), "");
            }
            if (model != null) {
                ClipSize clip = clips.getFirst();
                var figures = reference.clip(clip);
                out().printf(
                                "%s diffusers: a clip %.2f s, %.1f GiB%n",
                                clip, figures.least(), figures.peakBytes() / GIBIBYTE);
                out().flush();
            }
        }
    }

    private void clip(ClipSize size, DeviceClip whole) {
        for (String run : List.of("first", "second")) {
            DeviceClip.Figures figures = whole.measure(size);
            out().printf(
                            "%s: the %s clip %.2f s (text %.2f, denoise %.2f, picture %.2f, sound %.2f), %.1f GiB%n",
                            size,
                            run,
                            figures.all(),
                            figures.text(),
                            figures.denoise(),
                            figures.picture(),
                            figures.sound(),
                            figures.peakBytes() / GIBIBYTE);
            out().flush();
        }
    }

    private void say(ClipSize clip, DevicePasses.Way way, DevicePasses.Figures figures) {
        say(
                clip,
                way.toString(),
                figures.median(),
                figures.least(),
                figures.peakBytes(),
                "; %d operations, passes %s, kernels %s"
                        .formatted(figures.operations(), figures.passes(), figures.kernels()));
    }

    private void say(ClipSize clip, String how, double median, double least, long peakBytes, String more) {
        out().printf(
                        "%s %s: a pass %.4f s (least %.4f), %.1f GiB%s%n",
                        clip, how, median, least, peakBytes / GIBIBYTE, more);
        out().flush();
    }

    private static boolean isRecorded(String name) {
        return switch (name) {
            case EAGER -> false;
            case RECORDED -> true;
            default -> throw new IllegalArgumentException("%s; expected eager or recorded".formatted(name));
        };
    }

    private static <T> List<T> each(String option, List<String> texts, Function<String, T> parse) {
        try {
            return texts.stream().map(parse).toList();
        } catch (IllegalArgumentException e) {
            throw new InputException("%s: %s".formatted(option, e.getMessage()));
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
