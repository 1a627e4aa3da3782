package io.zoetrope.cli;

import io.quarkus.runtime.Quarkus;
import io.zoetrope.worker.StageName;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `zoetrope serve`: a worker, until it is told to stop.
@Command(
        name = "serve",
        description = {
            "Runs a worker: takes requests from Kafka, makes clips, publishes facts and results.",
            "Every setting is a key of configuration (docs/configuration.md), given as an environment variable or"
                    + " as -Dkey=value in ZOETROPE_JAVA_OPTIONS; the most common ones have options here."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "The Kafka brokers (default: localhost:9092).")
    private String bootstrap;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "HTTP port for clips, health and metrics (default: 8080).")
    private Integer port;

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu, cuda, cuda:N or auto (default: auto).")
    private String device;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stages",
            paramLabel = "STAGE",
            split = ",",
            description = "The stages that this worker does: encode, denoise, decode (default: all). What is missing"
                    + " here other workers do; jobs go to them through Kafka.")
    private List<String> stages;

    @Override
    public Integer call() {
        set("kafka.bootstrap.servers", bootstrap);
        set("quarkus.http.port", port);
        set("zoetrope.engine.device", device);
        set("zoetrope.worker.stages", stages == null ? null : String.join(",", known(stages)));
        Quarkus.run();
        return 0;
    }

    private List<String> known(List<String> names) {
        StageName reader = new StageName();
        for (String name : names) {
            try {
                reader.convert(name);
            } catch (IllegalArgumentException unknown) {
                throw new ParameterException(spec.commandLine(), "--stages: " + unknown.getMessage(), unknown);
            }
        }
        return names;
    }

    private static void set(String key, Object value) {
        if (value != null) {
            System.setProperty(key, value.toString());
        }
    }
}
