package io.zoetrope.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The engine and the reference implementation on the same workload, stage by stage, by turns. Each is a process of its
/// own, so that memory can be told apart and neither warms the other.
public final class EngineComparison {

    /// How to start what is compared.
    ///
    /// @param name        as it stands in tables
    /// @param command     that runs stages when told to, see `bench/README.md`
    /// @param once        that makes one clip and ends; empty if it cannot
    /// @param environment of the process
    public record Side(String name, List<String> command, List<String> once, Map<String, String> environment) {}

    /// What one side took for one stage.
    ///
    /// @param seconds    in the order of measuring
    /// @param operations of one evaluation; 0 where they are not counted
    public record Figures(List<Double> seconds, long operations) {

        public double least() {
            return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        }

        public double median() {
            return Alternation.median(seconds);
        }
    }

    /// What came out of a workload for one side.
    ///
    /// @param peakBytes most resident memory after all stages
    /// @param cold      seconds from the start of a process to its first clip and end; null if not measured
    public record Result(Map<Stage, Figures> stages, long peakBytes, Figures cold) {}

    /// Runs before the counted ones: Java compiles what it runs often.
    private static final int WARM_UP = 10;

    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(4);

    private final Path log;
    private final Consumer<String> progress;

    /// @param log takes what the processes say on their error streams
    public EngineComparison(Path log, Consumer<String> progress) {
        this.log = log;
        this.progress = progress;
    }

    /// @param sides  one, or two that take turns
    /// @param rounds of each stage that count
    /// @return in the order of the sides
    /// @throws IOException if one of them does not start or does not answer
    public List<Result> measure(Workload workload, List<Side> sides, int rounds) throws IOException {
        List<Figures> cold = cold(sides, rounds);
        List<Contestant> contestants = new ArrayList<>();
        try {
            for (Side side : sides) {
                contestants.add(Contestant.start(side.name(), side.command(), side.environment(), log));
            }
            List<Map<Stage, Figures>> figures = new ArrayList<>();
            sides.forEach(_ -> figures.add(new EnumMap<>(Stage.class)));
            for (Stage stage : Stage.values()) {
                if (workload.complete() || stage == Stage.PASS) {
                    progress.accept("%s %s".formatted(workload.name(), stage.label()));
                    stage(stage, contestants, rounds, figures);
                }
            }
            List<Result> results = new ArrayList<>();
            for (int side = 0; side < sides.size(); side++) {
                results.add(new Result(
                        figures.get(side), contestants.get(side).peakBytes(), cold == null ? null : cold.get(side)));
            }
            return results;
        } finally {
            contestants.forEach(Contestant::close);
        }
    }

    private static void stage(Stage stage, List<Contestant> contestants, int rounds, List<Map<Stage, Figures>> figures)
            throws IOException {
        warmUp(stage, contestants);
        List<List<Double>> seconds = new ArrayList<>();
        contestants.forEach(_ -> seconds.add(new ArrayList<>()));
        long[] operations = new long[contestants.size()];
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < contestants.size(); turn++) {
                int side = (turn + round) % contestants.size();
                EngineRunner.Run run = contestants.get(side).run(stage);
                operations[side] = run.operations();
                seconds.get(side).addAll(run.seconds());
            }
        }
        for (int side = 0; side < contestants.size(); side++) {
            figures.get(side).put(stage, new Figures(seconds.get(side), operations[side]));
        }
    }

    private static void warmUp(Stage stage, List<Contestant> contestants) throws IOException {
        for (Contestant contestant : contestants) {
            long end = System.nanoTime() + LONGEST_WARM_UP.toNanos();
            for (int run = 0; run < WARM_UP && (run == 0 || System.nanoTime() < end); run++) {
                contestant.run(stage);
            }
        }
    }

    /// @return null if a side has no command for it
    private List<Figures> cold(List<Side> sides, int rounds) throws IOException {
        if (sides.stream().anyMatch(side -> side.once().isEmpty())) {
            return null;
        }
        progress.accept("cold");
        List<List<Double>> seconds = new ArrayList<>();
        sides.forEach(_ -> seconds.add(new ArrayList<>()));
        for (int round = 0; round <= rounds; round++) { // the first one fills the caches of the system
            for (int turn = 0; turn < sides.size(); turn++) {
                int side = (turn + round) % sides.size();
                double taken = once(sides.get(side));
                if (round > 0) {
                    seconds.get(side).add(taken);
                }
            }
        }
        return seconds.stream().map(figures -> new Figures(figures, 0)).toList();
    }

    private double once(Side side) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(side.once())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(side.environment());
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("%s ended with code %d, what it said is in %s".formatted(side.name(), code, log));
            }
            return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
