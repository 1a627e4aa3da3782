package io.zoetrope.cli;

import io.zoetrope.bench.EngineComparison;
import io.zoetrope.bench.EngineComparison.Result;
import io.zoetrope.bench.EngineComparison.Side;
import io.zoetrope.bench.EngineReport;
import io.zoetrope.bench.Machine;
import io.zoetrope.bench.RandomModel;
import io.zoetrope.bench.Workload;
import io.zoetrope.cli.Failures.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench engine`: what each stage takes, here and in the reference implementation.
@Command(
        name = "engine",
        description = {
            "Measures the stages of the engine, the whole clip, cold start and memory: with the shipped model, and passes"
                    + " of a drawn transformer of 300 million parameters in float32 and bfloat16.",
            "With --against diffusers the reference implementation does the same work in the same run, by turns; it needs"
                    + " Python (bench/README.md). With --against DIR another build of Zoetrope does, to see what a change"
                    + " brings."
        },
        mixinStandardHelpOptions = true)
final class BenchEngineCommand implements Callable<Integer> {

    private static final String DIFFUSERS = "diffusers";
    private static final String THREADS = "OMP_NUM_THREADS";

    @Option(
            names = "--against",
            paramLabel = "OTHER",
            description = "diffusers, or the folder of another Zoetrope, to compare with it.")
    private String against;

    @Option(
            names = "--python",
            defaultValue = "python3",
            paramLabel = "FILE",
            description = "The Python that has the packages of bench/requirements.txt (default: ${DEFAULT-VALUE}).")
    private String python;

    @Option(
            names = "--reference-model",
            paramLabel = "DIR",
            description = "The shipped model in the layout of diffusers; needed to compare the workload demo.")
    private Path referenceModel;

    @Option(
            names = "--workloads",
            split = ",",
            defaultValue = "demo,middle-float32,middle-bfloat16",
            paramLabel = "NAME",
            description = "Which (default: ${DEFAULT-VALUE}).")
    private List<String> workloads;

    @Option(
            names = "--threads",
            split = ",",
            defaultValue = "1,2",
            paramLabel = "N",
            description = "Numbers of threads to measure with (default: ${DEFAULT-VALUE}).")
    private List<Integer> threads;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            paramLabel = "N",
            description = "Runs of each stage that count (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "A line of JSON per workload, number of threads and side; no table.")
    private boolean json;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            description = "Also appends those lines to a file, each as soon as it is measured.")
    private Path history;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where drawn models are written, 1.9 GB, and found again (default: a temporary folder).")
    private Path folder;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<Workload> chosen = chosen();
        Path place = folder == null ? Files.createTempDirectory("zoetrope-bench") : Files.createDirectories(folder);
        Path log = place.resolve("bench.log");
        var comparison =
                new EngineComparison(log, line -> spec.commandLine().getErr().println(line));
        EngineReport report = new EngineReport(Machine.here(ShippedFiles.home()));
        for (Workload workload : chosen) {
            for (int count : threads) {
                List<Side> sides = sides(workload, count, place);
                List<Result> results = comparison.measure(workload, sides, rounds);
                for (int side = 0; side < sides.size(); side++) {
                    keep(report.add(workload, count, sides.get(side).name(), results.get(side)));
                }
            }
        }
        (json ? report.lines() : report.table()).forEach(spec.commandLine().getOut()::println);
        return 0;
    }

    private void keep(String line) throws IOException {
        if (history != null) {
            Files.write(history, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    private List<Workload> chosen() {
        if (rounds < 1 || threads.stream().anyMatch(count -> count < 1)) {
            throw new InputException("--rounds %d --threads %s; expected at least 1".formatted(rounds, threads));
        }
        if (against != null && !isDiffusers() && !Files.isExecutable(launcher(Path.of(against)))) {
            throw new InputException(
                    "--against %s; expected diffusers or the folder of another Zoetrope".formatted(against));
        }
        List<Workload> chosen = new ArrayList<>();
        for (String name : workloads) {
            chosen.add(Workload.named(name)
                    .orElseThrow(() -> new InputException("--workloads %s; expected some of %s"
                            .formatted(
                                    name,
                                    Workload.ALL.stream().map(Workload::name).toList()))));
        }
        if (isDiffusers() && referenceModel == null && chosen.contains(Workload.DEMO)) {
            throw new InputException(
                    "--reference-model is missing; expected the folder of the shipped model in the layout of diffusers");
        }
        return chosen;
    }

    private List<Side> sides(Workload workload, int count, Path place) throws IOException {
        Path model = workload.complete() ? ShippedFiles.demoModel() : drawn(workload, place);
        List<String> options = List.of("--workload", workload.name(), "--threads", Integer.toString(count), "--model");
        Map<String, String> environment = Map.of(THREADS, Integer.toString(count));
        List<Side> sides = new ArrayList<>();
        sides.add(zoetrope("zoetrope", ShippedFiles.home(), workload, options, model, environment, place));
        if (isDiffusers()) {
            sides.add(diffusers(workload, options, workload.complete() ? referenceModel : model, environment));
        } else if (against != null) {
            sides.add(zoetrope(against, Path.of(against), workload, options, model, environment, place));
        }
        return sides;
    }

    private boolean isDiffusers() {
        return DIFFUSERS.equals(against);
    }

    private static Path launcher(Path home) {
        return home.toAbsolutePath().resolve("zoetrope");
    }

    private static Side zoetrope(
            String name,
            Path home,
            Workload workload,
            List<String> options,
            Path model,
            Map<String, String> environment,
            Path place) {
        String launcher = launcher(home).toString();
        List<String> once = List.of(
                launcher,
                "generate",
                Workload.PROMPT,
                "--threads=" + environment.get(THREADS),
                "--output=" + place.resolve("clip.mp4"));
        return new Side(
                name,
                command(List.of(launcher, "bench", "runner"), options, List.of(model.toString())),
                workload.complete() ? once : List.of(),
                environment);
    }

    private Side diffusers(Workload workload, List<String> options, Path model, Map<String, String> environment) {
        Path script = ShippedFiles.home().resolve("bench/reference.py");
        List<String> command = command(List.of(python, script.toString()), options, List.of(model.toString()));
        return new Side(
                DIFFUSERS,
                command,
                workload.complete() ? command(command, List.of("--once"), List.of()) : List.of(),
                environment);
    }

    private Path drawn(Workload workload, Path place) throws IOException {
        Path file = place.resolve(workload.name() + ".safetensors");
        if (!Files.exists(file)) {
            spec.commandLine().getErr().println("drawing " + file);
            RandomModel.writeWhole(file, Workload.MIDDLE, workload.type());
        }
        return file;
    }

    private static List<String> command(List<String> beginning, List<String> middle, List<String> end) {
        List<String> all = new ArrayList<>(beginning);
        all.addAll(middle);
        all.addAll(end);
        return all;
    }
}
