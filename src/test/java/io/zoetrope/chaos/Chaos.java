package io.zoetrope.chaos;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `zoetrope chaos`: does to workers, broker and store what life does, and says whether a job was lost.
@Command(
        name = "zoetrope chaos",
        description = {
            "Starts a broker, a store and workers, loads them with jobs, injects faults from a seeded plan,",
            "and judges afterwards by topics and store whether every job has ended exactly once, and right."
        },
        mixinStandardHelpOptions = true)
public final class Chaos implements Callable<Integer> {

    /// How the stages are spread over workers.
    enum Stages {
        ALL,
        SPLIT
    }

    /// Where artifacts lie.
    enum Store {
        FOLDER,
        S3
    }

    @Option(names = "--seed", paramLabel = "S", description = "Of the plan (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--jobs", paramLabel = "N", description = "At least so many jobs (default: ${DEFAULT-VALUE}).")
    private int jobs = 40;

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "KIND",
            description = "${COMPLETION-CANDIDATES} (default: all); \"none\" for none.")
    private List<String> faults =
            Arrays.stream(FaultKind.values()).map(FaultKind::label).toList();

    @Option(
            names = "--count",
            split = ",",
            paramLabel = "KIND=N",
            description = "How many of a kind, such as kill=200 (default: in proportion to the jobs).")
    private Map<String, Integer> counts = Map.of();

    @Option(names = "--stages", paramLabel = "FORM", description = "all or split (default: all).")
    private Stages stages = Stages.ALL;

    @Option(names = "--store", paramLabel = "STORE", description = "folder or s3 (default: folder).")
    private Store store = Store.FOLDER;

    @Option(names = "--workers", paramLabel = "W", description = "How many (default: 3; split: 4).")
    private Integer workers;

    @Option(names = "--minutes", paramLabel = "M", description = "Faults and jobs for so long, whatever their number.")
    private Double minutes;

    @Option(names = "--folder", paramLabel = "DIR", description = "Logs and data (default: a new one in target/chaos).")
    private Path folder;

    @Option(names = "--judge", paramLabel = "DIR", description = "Starts nothing: judges again what a run has left.")
    private Path judged;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String... arguments) {
        System.exit(new CommandLine(new Chaos())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (judged != null) {
            return Run.again(judged, spec.commandLine().getOut()) ? 0 : 1;
        }
        int howMany = workers != null ? workers : stages == Stages.ALL ? 3 : 4;
        if (jobs < 1 || howMany < (stages == Stages.ALL ? 1 : 3)) {
            throw wrong("--jobs=%d --workers=%d, expected 1 job and 1 worker, or 3 where stages are split"
                    .formatted(jobs, howMany));
        }
        Map<FaultKind, Integer> wanted = new EnumMap<>(FaultKind.class);
        for (String name : faults) {
            if (!name.equals("none")) {
                FaultKind kind = kind(name);
                wanted.put(kind, minutes == null ? counts.getOrDefault(name, kind.usual(jobs)) : Integer.MAX_VALUE);
            }
        }
        for (String name : counts.keySet()) {
            kind(name);
        }
        String command = "./zoetrope chaos "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        Run.Settings settings = new Run.Settings(
                seed, jobs, wanted, stages, store, howMany, Optional.ofNullable(minutes), Optional.ofNullable(folder));
        return Run.of(settings, command, spec.commandLine().getOut()) ? 0 : 1;
    }

    private FaultKind kind(String name) {
        return Arrays.stream(FaultKind.values())
                .filter(kind -> kind.label().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> wrong("fault '%s', expected some of %s"
                        .formatted(
                                name,
                                Arrays.stream(FaultKind.values())
                                        .map(FaultKind::label)
                                        .toList())));
    }

    private ParameterException wrong(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }
}
