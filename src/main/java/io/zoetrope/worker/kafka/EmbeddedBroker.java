package io.zoetrope.worker.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/// A Kafka broker inside this process: the production broker with one node, controller and broker in one,
/// reachable on the loopback address only. For the demo and the tests; what it keeps survives in its folder.
///
/// It may be stopped and started again under the same address, as a real one would come back.
public final class EmbeddedBroker implements AutoCloseable {

    /// @param folder     where topics and metadata are kept; formatted if it is new
    /// @param port       to listen on; 0 for a free one
    /// @param properties of the broker, in addition to and stronger than those set here
    public record Config(Path folder, int port, Map<String, String> properties) {

        public Config {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port %d, expected 0 to 65535".formatted(port));
            }
            properties = Map.copyOf(properties);
        }

        public Config(Path folder) {
            this(folder, 0, Map.of());
        }
    }

    private static final String HOST = "127.0.0.1";
    private static final int NODE = 1;
    private static final String BROKER_LISTENER = "PLAINTEXT";
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    private final Config config;
    private final int port;
    private final int controllerPort;
    private KafkaRaftServer server;

    private EmbeddedBroker(Config config, int port, int controllerPort) {
        this.config = config;
        this.port = port;
        this.controllerPort = controllerPort;
    }

    /// Starts a broker and returns when it answers.
    ///
    /// @throws IllegalStateException if it does not start: the port is taken, the folder is used by another
    ///                               broker
    public static EmbeddedBroker start(Config config) {
        var broker = new EmbeddedBroker(config, config.port() == 0 ? freePort() : config.port(), freePort());
        broker.start();
        return broker;
    }

    /// What clients take as `bootstrap.servers`; the same for the life of this object.
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    public Path folder() {
        return config.folder();
    }

    /// Starts again after [#stop()], with the same folder and address. Does nothing while the broker runs.
    public synchronized void start() {
        if (server != null) {
            return;
        }
        KafkaRaftServer starting = null;
        try {
            format();
            starting = new KafkaRaftServer(KafkaConfig.fromProps(properties(), false), Time.SYSTEM);
            starting.startup();
            server = starting;
        } catch (Exception failure) {
            if (starting != null) {
                starting.shutdown();
            }
            throw new IllegalStateException(
                    "the embedded broker at %s with folder %s did not start: %s"
                            .formatted(bootstrapServers(), config.folder(), failure.getMessage()),
                    failure);
        }
    }

    /// Stops in good order. Does nothing if the broker does not run.
    public synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    public void restart() {
        stop();
        start();
    }

    @Override
    public void close() {
        stop();
    }

    /// Gives a new folder its identity; one that has one is left alone.
    private void format() throws Exception {
        Files.createDirectories(config.folder());
        if (Files.exists(config.folder().resolve("meta.properties"))) {
            return;
        }
        String folder = config.folder().toString();
        try (var silence = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(NODE)
                    .setDirectories(List.of(folder))
                    .setMetadataLogDirectory(folder)
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setIgnoreFormatted(true)
                    .setPrintStream(silence)
                    .run();
        }
    }

    private Properties properties() {
        String broker = BROKER_LISTENER + "://" + HOST + ":" + port;
        String controller = CONTROLLER_LISTENER + "://" + HOST + ":" + controllerPort;
        var properties = new Properties();
        properties.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "" + NODE,
                "controller.quorum.voters",
                "%d@%s:%d".formatted(NODE, HOST, controllerPort),
                "listeners",
                broker + "," + controller,
                "advertised.listeners",
                broker,
                "controller.listener.names",
                CONTROLLER_LISTENER,
                "listener.security.protocol.map",
                BROKER_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT",
                "log.dirs",
                config.folder().toString(),
                "auto.create.topics.enable",
                "false"));
        for (String internal : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            properties.put(internal + ".replication.factor", "1");
            properties.put(internal + ".num.partitions", "1");
        }
        // One node has nobody to wait for, and one user needs few threads and buffers.
        properties.putAll(Map.of(
                "transaction.state.log.min.isr", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0",
                "num.network.threads", "1",
                "num.io.threads", "2",
                "background.threads", "2",
                "num.recovery.threads.per.data.dir", "1",
                "log.cleaner.dedupe.buffer.size", "2097152",
                "log.cleaner.io.buffer.size", "262144"));

        // A member hears of its partitions with a heartbeat: with the usual five seconds a demo would be over before.
        properties.putAll(Map.of(
                "group.share.min.heartbeat.interval.ms", "500",
                "group.share.heartbeat.interval.ms", "500",
                "group.share.delivery.count.limit", "10"));
        properties.putAll(config.properties());
        return properties;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
