package io.zoetrope.cli;

import io.zoetrope.bench.Alternation;
import io.zoetrope.bench.Alternation.Spent;
import io.zoetrope.bench.CheckpointCost;
import io.zoetrope.cli.Failures.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench checkpoint`: what keeping the state after every step costs.
@Command(
        name = "checkpoint",
        description = {
            "Denoises the same clip without and with a checkpoint after every step, by turns, with a model that it makes"
                    + " itself, and compares the times. A state has 3 MB.",
            "Exit code 0 only if checkpoints cost less than --limit, by the shortest runs."
        },
        mixinStandardHelpOptions = true)
final class BenchCheckpointCommand implements Callable<Integer> {

    @Option(
            names = "--pairs",
            defaultValue = "8",
            paramLabel = "N",
            description = "Pairs of runs (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
            names = "--steps",
            defaultValue = "8",
            paramLabel = "N",
            description = "Steps of a run, at least 2 (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--limit",
            defaultValue = "2",
            paramLabel = "PERCENT",
            description = "What checkpoints may cost (default: ${DEFAULT-VALUE}).")
    private double limit;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where to write; it is the disk below it that is measured (default: a temporary folder).")
    private Path folder;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (pairs < 1 || steps < 2) {
            throw new InputException("--pairs %d --steps %d; expected at least 1 and 2".formatted(pairs, steps));
        }
        Path place = folder == null
                ? Files.createTempDirectory("zoetrope-bench")
                : Files.createTempDirectory(folder, "bench");
        try (CheckpointCost bench = CheckpointCost.prepare(place, CheckpointCost.MODEL, engine.device())) {
            var clip = CheckpointCost.Clip.FIVE_SECONDS;
            return report(bench.measure(
                    new CheckpointCost.Clip(clip.frames(), clip.height(), clip.width(), clip.fps(), steps), pairs));
        } finally {
            WrittenFolder.delete(place);
        }
    }

    private int report(CheckpointCost.Figures figures) {
        var out = spec.commandLine().getOut();
        var runs = figures.runs();
        out.printf(
                "%d pairs of runs of %d steps, each %.3f s (median); a state of %.1f MB, kept %d times%n",
                runs.with().size(), steps, figures.stepSeconds(), figures.stateBytes() / 1e6, figures.kept());
        out.printf("without: %s s%nwith:    %s s%n", seconds(runs.without()), seconds(runs.with()));
        out.printf("the run waits %.2f ms for each%n", figures.stateWait() * 1e3);
        out.println(cost("clock    ", runs, Spent::seconds));
        out.println(cost("processor", runs, Spent::processorSeconds));
        return (runs.ratioOfMinima(Spent::seconds) - 1) * 100 < limit ? 0 : Failures.FAILED;
    }

    private static String cost(String name, Alternation runs, ToDoubleFunction<Spent> what) {
        return "%s: least %.3f s without, %.3f s with: checkpoints cost %.2f %%; median of neighbours %.2f %%"
                .formatted(
                        name,
                        Alternation.least(runs.without(), what),
                        Alternation.least(runs.with(), what),
                        (runs.ratioOfMinima(what) - 1) * 100,
                        (runs.medianRatio(what) - 1) * 100);
    }

    private static String seconds(List<Spent> runs) {
        return String.join(
                " ", runs.stream().map(run -> "%.2f".formatted(run.seconds())).toList());
    }
}
