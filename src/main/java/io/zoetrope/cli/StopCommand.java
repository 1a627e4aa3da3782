package io.zoetrope.cli;

import io.zoetrope.audit.CancelCommand;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope cancel JOB`: publishes the command to stop, and waits for the end.
@Command(
        name = "cancel",
        description = {
            "Publishes the command to stop a job, and shows what follows until the job has ended.",
            "The worker that has the job stops within a step of denoising. A job that still waits in the queue is"
                    + " cancelled when its turn comes. A job that has ended stays as it is.",
            "Exit code 0 if the job was cancelled (with --no-wait: if the command is published), 1 if it ended in"
                    + " another way or not in time, 2 for wrong input."
        },
        mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {

    private static final String SOURCE = "/zoetrope/cli";

    @Parameters(paramLabel = "JOB", description = "Job id.")
    private String job;

    @Mixin
    private BrokerOptions broker;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the job's trail.")
    private String reason;

    @Option(
            names = "--by",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who wants it, for the job's trail (default: ${DEFAULT-VALUE}).")
    private String requestedBy;

    @Option(names = "--no-wait", description = "Do not wait for the job's end.")
    private boolean noWait;

    @Option(
            names = "--patience",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "How long to wait for the end (default: ${DEFAULT-VALUE}).")
    private long patience;

    @Option(names = "--json", description = "One CloudEvent in JSON per line.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        JobId id = JobNames.read("job", job);
        try (FactPrinter printer = new FactPrinter(spec.commandLine().getOut(), json);
                TrailReader trail = broker.trail(id)) {
            Optional<GenerationEvent> end = end(trail, printer);
            if (end.isPresent()) {
                return ended(end.get(), "had ended before");
            }
            publish(id);
            return noWait ? 0 : follow(trail, printer);
        }
    }

    private void publish(JobId id) {
        CancelCommand command = new CancelCommand(id, requestedBy, reason);
        byte[] data = new MessageCodec(URI.create(SOURCE), Clock.systemUTC())
                .write(command)
                .data();
        try (var publisher = new RequestPublisher(broker.client(), broker.topics(), SOURCE)) {
            publisher.cancel(id, data).join();
        }
        tell("job %s: the command to stop is published".formatted(id));
    }

    private int follow(TrailReader trail, FactPrinter printer) {
        GenerationEvent[] last = new GenerationEvent[1];
        boolean ended = trail.follow(
                record -> last[0] = printer.print(record), _ -> last[0].terminal(), Duration.ofSeconds(patience));
        if (ended) {
            return ended(last[0], "ended");
        }
        tell(("job %s has not ended within %d s; the command is kept: whoever has the job next obeys it, and a job that"
                        + " waits in the queue is cancelled when its turn comes")
                .formatted(job, patience));
        return Failures.FAILED;
    }

    private int ended(GenerationEvent end, String how) {
        if (end instanceof GenerationEvent.Cancelled) {
            return 0;
        }
        tell("job %s %s: %s".formatted(job, how, end.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT)));
        return Failures.FAILED;
    }

    /// What has happened so far is not shown, except for the end.
    private static Optional<GenerationEvent> end(TrailReader trail, FactPrinter printer) {
        for (TrailRecord record : trail.toEnd()) {
            if (record.header("ce_id").filter(id -> id.endsWith("/terminal")).isPresent()) {
                return Optional.of(printer.print(record));
            }
        }
        return Optional.empty();
    }

    /// For people, beside the facts.
    private void tell(String line) {
        PrintWriter error = spec.commandLine().getErr();
        error.println(line);
        error.flush();
    }
}
