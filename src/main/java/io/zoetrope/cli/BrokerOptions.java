package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Options of the commands that talk to a broker.
final class BrokerOptions {

    @Option(
            names = "--bootstrap",
            defaultValue = "localhost:9092",
            paramLabel = "HOST:PORT",
            description = "The Kafka brokers (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(
            names = "--topics",
            defaultValue = "zoetrope",
            paramLabel = "PREFIX",
            description = "What the names of the topics begin with (default: ${DEFAULT-VALUE}).")
    private String prefix;

    Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrap);
    }

    Topics topics() {
        try {
            return new Topics(prefix);
        } catch (IllegalArgumentException wrong) {
            throw new InputException("--topics: " + wrong.getMessage());
        }
    }

    /// Opens the trail of a job at its first fact.
    TrailReader trail(JobId job) {
        return TrailReader.open(client(), topics().events(), Optional.of(job), TrailReader.Start.BEGINNING);
    }
}
