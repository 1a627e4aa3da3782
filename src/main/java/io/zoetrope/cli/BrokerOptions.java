package io.zoetrope.cli;

import io.zoetrope.worker.kafka.Topics;
import java.util.Map;
import picocli.CommandLine.Option;

/// Options of the commands that talk to a broker.
final class BrokerOptions {

    @Option(
            names = "--bootstrap",
            defaultValue = "localhost:9092",
            paramLabel = "HOST:PORT",
            description = "The Kafka brokers (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrap);
    }

    Topics topics() {
        return Topics.DEFAULT;
    }
}
