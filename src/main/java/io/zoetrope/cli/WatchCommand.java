package io.zoetrope.cli;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.TrailReader;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope watch JOB`: a job's facts from the first to the last, as they come.
@Command(
        name = "watch",
        description = "Shows the facts of a job as they come, until it ends. Exit code 1 if it did not complete.",
        mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JOB", description = "Job id.")
    private String job;

    @Mixin
    private BrokerOptions broker;

    @Option(names = "--json", description = "One CloudEvent in JSON per line.")
    private boolean json;

    @Option(
            names = "--patience",
            defaultValue = "3600",
            paramLabel = "SECONDS",
            description = "How long to wait for the end (default: ${DEFAULT-VALUE}).")
    private long patience;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        JobId id = JobNames.read("job", job);
        GenerationEvent[] last = new GenerationEvent[1];
        try (FactPrinter printer = new FactPrinter(spec.commandLine().getOut(), json);
                TrailReader reader = broker.trail(id)) {
            boolean ended = reader.follow(
                    record -> last[0] = printer.print(record), _ -> last[0].terminal(), Duration.ofSeconds(patience));
            return ended && last[0] instanceof GenerationEvent.Completed ? 0 : Failures.FAILED;
        }
    }
}
