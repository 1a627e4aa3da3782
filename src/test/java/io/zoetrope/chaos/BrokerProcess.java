package io.zoetrope.chaos;

import io.zoetrope.chaos.ChildProcess.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;

/// The broker, which dies and comes back under the same address with the same folder.
final class BrokerProcess implements AutoCloseable {

    static final Duration RECORD_LOCK = Duration.ofSeconds(4);
    static final String READY = "the broker is ready";

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path folder;
    private final Path log;
    private final int port = ChildProcess.freePort();
    private ChildProcess process;

    private BrokerProcess(Path folder, Path log) {
        this.folder = folder;
        this.log = log;
    }

    static BrokerProcess start(Path folder, Path log) throws IOException {
        Files.createDirectories(log.getParent());
        BrokerProcess broker = new BrokerProcess(folder, log);
        broker.start();
        return broker;
    }

    Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /// Ends the broker, in good order or not, and starts it again after a while.
    synchronized void restart(boolean inOrder, Duration away) throws InterruptedException {
        if (inOrder) {
            process.endInput();
            if (!process.await(Duration.ofSeconds(20))) {
                process.close();
            }
        } else {
            process.send(Signal.KILL);
            boolean _ = process.await(Duration.ofSeconds(10));
        }
        Thread.sleep(away);
        start();
    }

    @Override
    public synchronized void close() {
        process.close();
    }

    private void start() {
        process = ChildProcess.java(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BrokerMain.class.getName(),
                        folder.toString(),
                        "" + port),
                Map.of(),
                log);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException("the broker does not start; see " + log);
            }
        }
    }

    private boolean answers() {
        Properties properties = new Properties();
        properties.putAll(client());
        properties.put("request.timeout.ms", "1000");
        properties.put("default.api.timeout.ms", "1000");
        try (Admin admin = Admin.create(properties)) {
            return !admin.describeCluster().nodes().get().isEmpty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (Exception _) {
            return false; // not yet
        }
    }
}
