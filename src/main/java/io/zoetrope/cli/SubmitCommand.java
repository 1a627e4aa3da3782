package io.zoetrope.cli;

import io.zoetrope.request.JobId;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.worker.kafka.RequestPublisher;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope submit`: publishes a request.
@Command(
        name = "submit",
        description = "Publishes a request event and prints its job id. The request is checked before it is published.",
        mixinStandardHelpOptions = true)
final class SubmitCommand implements Callable<Integer> {

    @Mixin
    private RequestOptions options;

    @Mixin
    private BrokerOptions broker;

    @Option(
            names = "--job",
            paramLabel = "ID",
            description = "Job id (default: a new one). The same id is the same job.")
    private String job;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        JobId id = JobNames.read("--job", job == null ? UUID.randomUUID().toString() : job);
        ParsedRequest parsed = options.parsed(null);
        if (!parsed.isValid()) {
            throw RequestOptions.wrong(parsed.problems());
        }
        try (var publisher = new RequestPublisher(broker.client(), broker.topics(), "/zoetrope/cli")) {
            publisher
                    .request(
                            id,
                            parsed.request().priorityOrDefault(),
                            parsed.request().toJson())
                    .join();
        }
        spec.commandLine().getOut().println(id);
        return 0;
    }
}
