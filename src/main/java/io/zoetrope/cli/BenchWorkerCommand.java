package io.zoetrope.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.bench.WorkerBench;
import io.zoetrope.bench.WorkerBench.Figures;
import io.zoetrope.bench.WorkerBench.Latency;
import io.zoetrope.bench.WorkerBench.Memory;
import io.zoetrope.bench.WorkerBench.Throughput;
import io.zoetrope.cli.Failures.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench worker`: what the worker costs around the engine.
@Command(
        name = "worker",
        description = {
            "Starts an embedded Kafka and workers with the demo model, in processes of their own and with a store in a"
                    + " folder, and gives them jobs whose engine's work is as small as a valid request allows.",
            "Measured are the latency of a job beyond the engine's, jobs and events per second with one and more"
                    + " workers, and a worker's memory for each request that waits."
        },
        mixinStandardHelpOptions = true)
final class BenchWorkerCommand implements Callable<Integer> {

    @Option(
            names = "--jobs",
            defaultValue = "600",
            paramLabel = "N",
            description = "Jobs of a round (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(
            names = "--probes",
            defaultValue = "100",
            paramLabel = "N",
            description = "Jobs one after the other, for the latency, after as many that do not count (default:"
                    + " ${DEFAULT-VALUE}).")
    private int probes;

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Jobs that a worker holds at once (default: as a worker does by itself).")
    private Integer slots;

    @Option(
            names = "--workers",
            defaultValue = "1,2,4",
            split = ",",
            paramLabel = "N",
            description = "Numbers of worker processes (default: ${DEFAULT-VALUE}).")
    private List<Integer> workers;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "Threads of the CPU operators (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where broker and store write; it is the disk below it that is measured (default: a temporary"
                    + " folder).")
    private Path folder;

    @Option(names = "--json", description = "One line of JSON instead of a table.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (jobs < 1 || probes < 1 || threads < 1 || workers.stream().anyMatch(number -> number < 1)) {
            throw new InputException("--jobs %d --probes %d --threads %d --workers %s; expected numbers of at least 1"
                    .formatted(jobs, probes, threads, workers));
        }
        Path place = folder == null
                ? Files.createTempDirectory("zoetrope-bench")
                : Files.createTempDirectory(folder, "bench");
        Figures figures;
        try (WorkerBench bench = WorkerBench.prepare(
                place,
                new WorkerBench.Config(
                        ShippedFiles.home(),
                        jobs,
                        probes,
                        Optional.ofNullable(slots),
                        workers.stream().sorted().distinct().toList(),
                        threads))) {
            figures = bench.measure(); // if this fails the folder stays, for the logs in it
        }
        WrittenFolder.delete(place);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(tree(figures)));
        } else {
            print(out, figures);
        }
        return 0;
    }

    private static void print(PrintWriter out, Figures figures) {
        Latency latency = figures.latency();
        out.printf("load of the machine at the beginning: %.1f%n%n", figures.load());
        out.printf(
                "one job after the other (%d): %.1f ms from publishing to reading the end (medians)%n",
                latency.jobs(), latency.total() * 1e3);
        latency.parts().forEach((part, time) -> out.printf("  %-22s %7.2f ms%n", part, time * 1e3));
        out.printf(
                "  added beside the stages: %.1f ms (worst %.1f); over the bare engine: %.1f ms (engine: %.1f ms, of a"
                        + " processor %.1f ms)%n%n",
                latency.added() * 1e3,
                latency.worst() * 1e3,
                latency.overEngine() * 1e3,
                latency.engine() * 1e3,
                latency.engineProcessor() * 1e3);
        out.println("workers  slots   jobs  seconds  jobs/s  facts/s  records/s  worker ms/job  broker ms/job");
        for (Throughput each : figures.throughput()) {
            out.printf(
                    "%7d %6d %6d %8.2f %7.1f %8.0f %10.0f %14.1f %14.1f%n",
                    each.workers(),
                    each.slots(),
                    each.jobs(),
                    each.seconds(),
                    each.jobs() / each.seconds(),
                    each.facts() / each.seconds(),
                    each.records() / each.seconds(),
                    each.workerProcessor() / each.jobs() * 1e3,
                    each.brokerProcessor() / each.jobs() * 1e3);
        }
        Memory memory = figures.memory();
        out.printf(
                "%na worker with %d requests waiting and %d in hand: live heap %.2f MB, %.2f MB with none: %.0f bytes for"
                        + " each that waits, %.0f for each in hand; resident %s, %s%n",
                memory.queued(),
                memory.running(),
                memory.heapAfter() / 1e6,
                memory.heapBefore() / 1e6,
                memory.heapPerQueued(),
                memory.heapPerRunning(),
                megabytes(memory.residentAfter()),
                megabytes(memory.residentBefore()));
    }

    private static String megabytes(OptionalLong bytes) {
        return bytes.isPresent() ? "%.0f MB".formatted(bytes.getAsLong() / 1e6) : "not told";
    }

    private static ObjectNode tree(Figures figures) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode tree = mapper.createObjectNode().put("bench", "worker").put("load", figures.load());
        Latency latency = figures.latency();
        ObjectNode times = tree.putObject("latency_ms")
                .put("jobs", latency.jobs())
                .put("total", latency.total() * 1e3)
                .put("added", latency.added() * 1e3)
                .put("added_worst", latency.worst() * 1e3)
                .put("bare_engine", latency.engine() * 1e3)
                .put("bare_engine_processor", latency.engineProcessor() * 1e3)
                .put("over_bare_engine", latency.overEngine() * 1e3);
        ObjectNode parts = times.putObject("parts");
        latency.parts().forEach((part, time) -> parts.put(part, time * 1e3));
        var rounds = tree.putArray("throughput");
        for (Throughput each : figures.throughput()) {
            rounds.addObject()
                    .put("workers", each.workers())
                    .put("slots", each.slots())
                    .put("jobs", each.jobs())
                    .put("seconds", each.seconds())
                    .put("jobs_per_second", each.jobs() / each.seconds())
                    .put("facts_per_second", each.facts() / each.seconds())
                    .put("records_per_second", each.records() / each.seconds())
                    .put("worker_processor_ms_per_job", each.workerProcessor() / each.jobs() * 1e3)
                    .put("broker_processor_ms_per_job", each.brokerProcessor() / each.jobs() * 1e3);
        }
        Memory memory = figures.memory();
        ObjectNode bytes = tree.putObject("memory_bytes");
        bytes.put("queued", memory.queued())
                .put("running", memory.running())
                .put("heap_empty", memory.heapBefore())
                .put("heap_queued", memory.heapAfter())
                .put("heap_per_queued", memory.heapPerQueued())
                .put("heap_per_running", memory.heapPerRunning());
        memory.residentBefore().ifPresent(found -> bytes.put("resident_empty", found));
        memory.residentAfter().ifPresent(found -> bytes.put("resident_queued", found));
        return tree;
    }
}
