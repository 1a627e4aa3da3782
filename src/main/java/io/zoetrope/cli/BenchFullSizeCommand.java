package io.zoetrope.cli;

import io.zoetrope.bench.FullSize;
import io.zoetrope.bench.RandomModel;
import io.zoetrope.bench.Workload;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench full-size`: the published size on this machine, whatever its memory.
@Command(
        name = "full-size",
        description = {
            "Draws a transformer of the published size, 38 GB in bfloat16, and does steps of 9 frames of 256x256 with it on"
                    + " the CPU. Weights are read from the disk as they are needed.",
            "The file is kept if --folder is given, and found again."
        },
        mixinStandardHelpOptions = true)
final class BenchFullSizeCommand implements Callable<Integer> {

    private static final double GIGABYTE = 1e9;
    private static final double GIBIBYTE = 1 << 30;
    private static final int FRAMES = 9;
    private static final int PIXELS = 256;
    private static final int FRAMES_PER_SECOND = 24;

    @Option(
            names = "--blocks",
            defaultValue = "48",
            paramLabel = "N",
            description = "Blocks of the transformer, 0.8 GB each (default: ${DEFAULT-VALUE}, as published).")
    private int blocks;

    @Option(
            names = "--steps",
            defaultValue = "2",
            paramLabel = "N",
            description = "Steps, at least 2; the first one is told apart (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where the file is written (default: a temporary folder).")
    private Path folder;

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads of the CPU operators (default: one per processor).")
    private int threads;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (blocks < 1 || steps < 2 || threads < 0) {
            throw new InputException("--blocks %d --steps %d --threads %d; expected at least 1, 2 and 1"
                    .formatted(blocks, steps, threads));
        }
        Device.useThreads(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
        RandomModel.Config published = Workload.PUBLISHED;
        var config = new RandomModel.Config(
                published.seed(),
                published.heads(),
                published.headWidth(),
                published.audioHeadWidth(),
                blocks,
                published.captionWidth());
        Path place = folder == null ? Files.createTempDirectory("zoetrope-bench") : Files.createDirectories(folder);
        Path file = place.resolve("full-size-%d.safetensors".formatted(blocks));
        try {
            draw(file, config);
            var clip = new Workload(
                    "full-size", DataType.BFLOAT16, FRAMES, PIXELS, PIXELS, FRAMES_PER_SECOND, steps, 1, false);
            report(FullSize.measure(
                    file,
                    config,
                    clip,
                    steps,
                    step -> spec.commandLine().getErr().println("step " + step)));
        } finally {
            if (folder == null) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(place);
            }
        }
        return 0;
    }

    private void draw(Path file, RandomModel.Config config) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        spec.commandLine().getErr().println("drawing " + file);
        RandomModel.write(draft, config, DataType.BFLOAT16);
        Files.move(draft, file);
    }

    private void report(FullSize.Figures figures) {
        var out = spec.commandLine().getOut();
        out.printf("%.1f GB of weights, built in %.2f s%n", figures.fileBytes() / GIGABYTE, figures.loadSeconds());
        out.printf("text in all blocks and the first step: %.1f s%n", figures.textSeconds());
        figures.stepSeconds()
                .forEach(seconds -> out.printf(
                        "a step: %.1f s, %.2f GB/s of weights%n", seconds, figures.fileBytes() / GIGABYTE / seconds));
        out.printf("reading alone: %.2f GB/s%n", figures.readRate() / GIGABYTE);
        out.printf("most anonymous memory: %.2f GiB%n", figures.anonymousBytes() / GIBIBYTE);
    }
}
