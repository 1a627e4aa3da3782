package io.zoetrope.cli;

import io.quarkus.runtime.Quarkus;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.request.ParsedRequest;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.EmbeddedBroker;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope demo`: the product in one command, on a laptop. A broker and a worker are started in this process;
/// a request event goes in, facts come out, and at the end there is a clip.
@Command(
        name = "demo",
        description = {
            "Starts an embedded Kafka and a worker with the demo model, publishes a request event for PROMPT, shows the"
                    + " facts as they come, and ends with a clip with sound under clips/ and a contact sheet.",
            "The demo model knows one coloured shape that moves over a plain background, with a tone."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final String PROMPT = "A red circle moves left to right on a blue background with a high tone.";
    private static final Path CLIPS = Path.of("clips");
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Mixin
    private RequestOptions options;

    @Option(names = "--keep", description = "Stay up afterwards and serve the clip over HTTP, until Ctrl-C.")
    private boolean keep;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "HTTP port (default: a free one).")
    private int port;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        ParsedRequest parsed = options.parsed(PROMPT);
        if (!parsed.isValid()) {
            throw RequestOptions.wrong(parsed.problems());
        }
        Path data = Files.createTempDirectory("zoetrope-demo-");
        try (EmbeddedBroker broker = EmbeddedBroker.start(new EmbeddedBroker.Config(data.resolve("kafka")))) {
            Map<String, Object> client = Map.of("bootstrap.servers", broker.bootstrapServers());
            try (Admin admin = Admin.create(client)) {
                new ClusterSetup(admin).createMissing(Topics.DEFAULT.definitions(new Topics.Partitions(1, 1)));
            }
            Thread worker = startWorker(broker, data);
            int code = run(client, parsed, data);
            if (keep && code == 0) {
                spec.commandLine().getOut().println("Serving until Ctrl-C.");
                spec.commandLine().getOut().flush();
                worker.join();
            }
            Quarkus.asyncExit(code);
            worker.join();
            return code;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Failures.INTERRUPTED;
        } finally {
            delete(data);
        }
    }

    private Thread startWorker(EmbeddedBroker broker, Path data) throws IOException {
        int httpPort = port == 0 ? freePort() : port;
        Map.of(
                        "kafka.bootstrap.servers",
                        broker.bootstrapServers(),
                        "quarkus.http.port",
                        Integer.toString(httpPort),
                        "quarkus.http.host",
                        "localhost",
                        "zoetrope.artifacts.folder.path",
                        data.resolve("artifacts").toString(),
                        "zoetrope.worker.id",
                        "demo-worker",
                        "quarkus.log.level",
                        "WARN")
                .forEach(System::setProperty);
        return Thread.ofPlatform().name("worker").start(() -> Quarkus.run());
    }

    private int run(Map<String, Object> client, ParsedRequest parsed, Path data) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        JobId job = new JobId("demo-" + UUID.randomUUID().toString().substring(0, 8));
        GenerationEvent[] last = new GenerationEvent[1];
        try (TrailReader reader = TrailReader.open(
                        client, Topics.DEFAULT.events(), Optional.of(job), TrailReader.Start.BEGINNING);
                RequestPublisher publisher = new RequestPublisher(client, Topics.DEFAULT, "/zoetrope/demo");
                FactPrinter printer = new FactPrinter(out, false)) {
            out.printf("\"%s\"%n", parsed.request().prompt().orElseThrow());
            out.flush();
            publisher.request(job, withContactSheet(parsed)).join();
            reader.follow(record -> last[0] = printer.print(record), _ -> last[0].terminal(), PATIENCE);
        }
        if (!(last[0] instanceof GenerationEvent.Completed completed)) {
            return Failures.FAILED;
        }
        for (ArtifactReference artifact : completed.artifacts()) {
            Path copy = copy(data.resolve("artifacts").resolve(artifact.key()), job);
            out.printf("%s%n  %s%n", copy, copy.toUri());
        }
        out.flush();
        return 0;
    }

    private static byte[] withContactSheet(ParsedRequest parsed) throws IOException {
        var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
        var request = (com.fasterxml.jackson.databind.node.ObjectNode)
                mapper.readTree(parsed.request().toJson());
        request.withObjectProperty("output").put("contact_sheet", true);
        return mapper.writeValueAsBytes(request);
    }

    /// Into the working folder, which outlives the demo's own store.
    private static Path copy(Path artifact, JobId job) throws IOException {
        Files.createDirectories(CLIPS);
        String name = artifact.getFileName().toString();
        String ending = name.substring(name.lastIndexOf('.'));
        Path copy = CLIPS.resolve(job + ending).toAbsolutePath();
        return Files.copy(artifact, copy, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
