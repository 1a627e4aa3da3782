package io.zoetrope.cli;

import io.zoetrope.bench.FullSize;
import io.zoetrope.bench.RandomModel;
import io.zoetrope.bench.Workload;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench full-size`: the published size on this machine, whatever its memory.
@Command(
        name = "full-size",
        description = {
            "Draws a transformer of the published size, 38 GB in bfloat16, and does steps of 9 frames of 256x256 with it.",
            "On the CPU weights are read from the disk as they are needed. A few blocks, which fit into memory, tell the"
                    + " time that the arithmetic takes."
        },
        mixinStandardHelpOptions = true)
final class BenchFullSizeCommand implements Callable<Integer> {

    private static final double GIGABYTE = 1e9;
    private static final double GIBIBYTE = 1L << 30;
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
            defaultValue = "3",
            paramLabel = "N",
            description = "Steps; the first one finds less in memory (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where the model is written, and found the next time (default: a temporary folder, which is"
                    + " deleted).")
    private Path folder;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (blocks < 1 || steps < 1) {
            throw new InputException("--blocks %d --steps %d; expected at least 1".formatted(blocks, steps));
        }
        Device device = engine.device();
        RandomModel.Config config = Workload.published(blocks);
        Path place = folder == null ? Files.createTempDirectory("zoetrope-bench") : Files.createDirectories(folder);
        Path file = place.resolve("full-size-%d.safetensors".formatted(blocks));
        try {
            draw(file, config);
            var clip = new Workload(
                    "full-size", DataType.BFLOAT16, FRAMES, PIXELS, PIXELS, FRAMES_PER_SECOND, steps, 1, false);
            report(FullSize.measure(file, config, device, clip, this::say));
        } finally {
            if (folder == null) {
                WrittenFolder.delete(place);
            }
        }
        return 0;
    }

    private void draw(Path file, RandomModel.Config config) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        long start = System.nanoTime();
        RandomModel.writeWhole(file, config, DataType.BFLOAT16);
        out().printf("drawn in %.0f s%n", (System.nanoTime() - start) / 1e9);
        out().flush();
    }

    private void say(FullSize.Step step) {
        out().printf(
                        "a step: %.1f s, %.1f s of processors, %.1f GB read, %.2f GB/s%n",
                        step.seconds(),
                        step.processorSeconds(),
                        step.readBytes() / GIGABYTE,
                        step.readBytes() / GIGABYTE / step.seconds());
        out().flush();
    }

    private void report(FullSize.Figures figures) {
        out().printf("the disk gives %.2f GB/s%n", figures.diskRate() / GIGABYTE);
        out().printf("%.1f GB of weights, built in %.2f s%n", figures.fileBytes() / GIGABYTE, figures.loadSeconds());
        out().printf("text in all blocks: %.1f s%n", figures.textSeconds());
        out().printf("most anonymous memory: %.2f GiB%n", figures.anonymousBytes() / GIBIBYTE);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
