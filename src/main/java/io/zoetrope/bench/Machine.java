package io.zoetrope.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What figures were taken on, and of which state of the sources.
///
/// @param commit    the short name; "unknown" outside a repository
/// @param processor its model; the architecture where the system does not tell
/// @param cores     that this process may use
/// @param memory    bytes
public record Machine(String commit, String processor, int cores, long memory) {

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final String MODEL = "model name";

    /// @param sources folder of the repository
    public static Machine here(Path sources) throws IOException {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return new Machine(
                commit(sources),
                processorModel(),
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize());
    }

    private static String processorModel() throws IOException {
        if (!Files.exists(PROCESSORS)) {
            return System.getProperty("os.arch");
        }
        return Files.readAllLines(PROCESSORS).stream()
                .filter(line -> line.startsWith(MODEL))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static String commit(Path sources) throws IOException {
        if (!Files.exists(sources.resolve(".git"))) {
            return "unknown";
        }
        Process git = new ProcessBuilder("git", "-C", sources.toString(), "describe", "--always", "--dirty")
                .redirectErrorStream(true)
                .start();
        String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            return git.waitFor() == 0 ? said : "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
