package io.zoetrope.cli;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobHistory;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope trail JOB`: what is known of a job, and how it stands.
@Command(
        name = "trail",
        description = "Prints all facts of a job that there are now, and the state that follows from them.",
        mixinStandardHelpOptions = true)
final class TrailCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JOB", description = "Job id.")
    private String job;

    @Mixin
    private BrokerOptions broker;

    @Option(names = "--json", description = "One CloudEvent in JSON per line, without the state.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        JobId id = JobNames.read("job", job);
        List<GenerationEvent> events = new ArrayList<>();
        try (FactPrinter printer = new FactPrinter(spec.commandLine().getOut(), json);
                TrailReader reader = broker.trail(id)) {
            for (TrailRecord record : reader.toEnd()) {
                events.add(printer.print(record));
            }
        }
        if (events.isEmpty()) {
            throw new InputException("job %s has no facts".formatted(job));
        }
        if (!json) {
            JobHistory history = JobHistory.fold(events);
            spec.commandLine().getOut().println("state: " + history.summary().state());
            history.gaps().forEach(gap -> spec.commandLine().getOut().println("missing: " + gap));
        }
        return 0;
    }
}
