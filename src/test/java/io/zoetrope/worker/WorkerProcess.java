package io.zoetrope.worker;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/// A worker as operators run it: the packaged program in a process of its own.
final class WorkerProcess implements AutoCloseable {

    private static final long PAGE = 4096;

    private final Process process;
    private final int port;

    private WorkerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts a worker with the demo model and returns when it is ready.
    ///
    /// @param settings keys of configuration with their values
    static WorkerProcess start(String id, String bootstrap, Path artifacts, Path log, Map<String, String> settings)
            throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                // The heap is resident from the start, so that what grows is native memory.
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dkafka.bootstrap.servers=" + bootstrap,
                "-Dquarkus.http.port=" + port,
                "-Dzoetrope.worker.id=" + id,
                "-Dzoetrope.artifacts.folder.path=" + artifacts));
        settings.forEach((key, value) -> command.add("-D%s=%s".formatted(key, value)));
        command.addAll(List.of("-jar", System.getProperty("test.zoetrope.application"), "serve"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "2"); // arenas are address space that nobody needs
        Process process = builder.start();
        WorkerProcess worker = new WorkerProcess(process, port);
        Awaitility.await("worker %s, whose log is %s".formatted(id, log))
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .until(worker::isReady);
        return worker;
    }

    /// Resident memory that is not shared with files, bytes.
    long privateBytes() throws IOException {
        List<String> fields = List.of(Files.readString(Path.of("/proc/%d/statm".formatted(process.pid())))
                .split(" "));
        return (Long.parseLong(fields.get(1)) - Long.parseLong(fields.get(2))) * PAGE;
    }

    /// Lets it have so much more address space than it has now, so that a larger allocation fails.
    void limitGrowth(long bytes) throws IOException, InterruptedException {
        long pages = Long.parseLong(Files.readString(Path.of("/proc/%d/statm".formatted(process.pid())))
                .split(" ")[0]);
        Process prlimit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(process.pid()), "--as=" + (pages * PAGE + bytes))
                .inheritIO()
                .start();
        if (prlimit.waitFor() != 0) {
            throw new IOException("prlimit ended with code " + prlimit.exitValue());
        }
    }

    /// Tells it to leave, as an orchestrator does.
    ///
    /// @return how long it took
    Duration terminate() throws InterruptedException {
        long begin = System.nanoTime();
        process.destroy();
        process.waitFor();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /// Kills it without a word.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// Resident memory as the system counts it, bytes.
    long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(40))) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the worker ended with code " + process.exitValue());
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://localhost:%d/q/health/ready".formatted(port)))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false; // does not listen yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
