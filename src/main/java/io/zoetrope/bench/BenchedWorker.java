package io.zoetrope.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A worker as operators run it: `zoetrope serve`, in a process of its own.
final class BenchedWorker implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PATIENCE_FOR_LEAVING = Duration.ofSeconds(40);
    private static final String HEAP = "jvm_memory_used_bytes{area=\"heap\"";

    private final Process process;
    private final int port;
    private final Path log;
    private final HttpClient http;

    private BenchedWorker(Process process, int port, Path log, HttpClient http) {
        this.process = process;
        this.port = port;
        this.log = log;
        this.http = http;
    }

    /// Starts a worker; [#awaitReady] tells when it can be used.
    ///
    /// @param launcher of the program
    /// @param log      gets what it prints
    /// @param settings keys of configuration with their values
    static BenchedWorker start(Path launcher, String bootstrap, Path log, Map<String, String> settings, HttpClient http)
            throws IOException {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        launcher.toString(), "serve", "--bootstrap", bootstrap, "--port", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        String ours = settings.entrySet().stream()
                .map(setting -> "-D%s=%s".formatted(setting.getKey(), setting.getValue()))
                .collect(Collectors.joining(" "));
        builder.environment().merge("ZOETROPE_JAVA_OPTIONS", ours, (given, added) -> given + " " + added);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-worker"));
        return new BenchedWorker(process, port, log, http);
    }

    /// @throws IOException with the log's place, if it ends instead or takes too long
    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new IOException(
                        "the worker ended with code %d; its log is %s".formatted(process.exitValue(), log));
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the worker was not ready within %s; its log is %s".formatted(PATIENCE, log));
            }
            Thread.sleep(200);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Path log() {
        return log;
    }

    /// Time that processors have spent on it so far, seconds.
    double processorSeconds() {
        return process.toHandle()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e9;
    }

    /// Bytes of the heap that are in use when what is not has been collected.
    long liveHeap() throws IOException, InterruptedException {
        Process collection = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (collection.waitFor() != 0) {
            throw new IOException("jcmd could not reach the worker: code " + collection.exitValue());
        }
        return get("/q/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(HEAP))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /// Resident memory that belongs to no file, bytes; empty where the system does not tell.
    OptionalLong residentBytes() throws IOException {
        Path status = Path.of("/proc/%d/status".formatted(process.pid()));
        if (!Files.exists(status)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_FOR_LEAVING.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get("/q/health/ready").statusCode() == 200;
        } catch (IOException _) {
            return false; // does not listen yet
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port, path)))
                .timeout(Duration.ofSeconds(5))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
