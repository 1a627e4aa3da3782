package io.zoetrope.chaos;

import io.zoetrope.chaos.ChildProcess.Signal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A worker as operators run it: the packaged program, with little memory and a quick start.
final class WorkerProcess implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(1))
            .executor(Runnable::run)
            .build();
    private static final List<String> QUICK_START = List.of(
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-Dorg.bytedeco.javacpp.maxBytes=0",
            "-Djava.awt.headless=true");

    private final String id;
    private final ChildProcess process;
    private final int port;

    private WorkerProcess(String id, ChildProcess process, int port) {
        this.id = id;
        this.process = process;
        this.port = port;
    }

    /// @param settings    keys of configuration
    /// @param environment of the process
    static WorkerProcess start(String id, Map<String, String> settings, Map<String, String> environment, Path log) {
        int port = ChildProcess.freePort();
        Map<String, String> own = Map.of("quarkus.http.port", "" + port, "zoetrope.worker.id", id);
        List<String> arguments = new ArrayList<>(QUICK_START);
        arguments.addAll(Stream.concat(settings.entrySet().stream(), own.entrySet().stream())
                .map(setting -> "-D%s=%s".formatted(setting.getKey(), setting.getValue()))
                .collect(Collectors.toList()));
        arguments.addAll(List.of("-jar", System.getProperty("test.zoetrope.application"), "serve"));
        return new WorkerProcess(id, ChildProcess.java(arguments, environment, log), port);
    }

    String id() {
        return id;
    }

    void send(Signal signal) {
        process.send(signal);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean await(Duration patience) {
        return process.await(patience);
    }

    int exitCode() {
        return process.exitCode();
    }

    boolean isReady() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/q/health/ready".formatted(port)))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false; // does not listen yet, or not any more
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
