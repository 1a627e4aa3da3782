package io.zoetrope.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A Java program as a process of its own. Whatever becomes of the harness, what it started is killed at its end.
final class ChildProcess implements AutoCloseable {

    /// What a process can be sent.
    enum Signal {
        KILL(9),
        TERM(15),
        CONTINUE(18),
        STOP(19);

        private final int number;

        Signal(int number) {
            this.number = number;
        }
    }

    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();
    private static final MethodHandle KILL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly), "kill-children"));
    }

    private final Process process;

    private ChildProcess(Process process) {
        this.process = process;
    }

    /// @param arguments   of the JVM and the program
    /// @param environment added to the harness's own
    /// @param log         gets what the program prints, behind what is there
    static ChildProcess java(List<String> arguments, Map<String, String> environment, Path log) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        builder.environment().putAll(Map.of("OPENBLAS_NUM_THREADS", "1", "GOMP_SPINCOUNT", "2000"));
        try {
            Process process = builder.start();
            ALIVE.add(process);
            var _ = process.onExit().thenRun(() -> ALIVE.remove(process));
            return new ChildProcess(process);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command.getFirst(), e);
        }
    }

    /// At once, without a process in between: a stage may last a hundredth of a second.
    void send(Signal signal) {
        try {
            int _ = (int) KILL.invokeExact((int) process.pid(), signal.number);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot send " + signal, e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /// Ends the standard input of the program.
    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException _) {
            // it has gone already
        }
    }

    /// @return whether it ended in time
    boolean await(Duration patience) {
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    int exitCode() {
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        boolean _ = await(Duration.ofSeconds(10));
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
