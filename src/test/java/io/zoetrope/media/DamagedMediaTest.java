package io.zoetrope.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Hundreds of damaged files: each gives a result or an error that names it, soon and in little memory, and none
/// ends the process. They are read in a process of their own, so that a crash in native code is a failed test.
class DamagedMediaTest {

    private static final long SEED = 20_260_401;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// The virtual machine, its libraries and FFmpeg take 200 MiB; all limits of a file together, 150 more.
    private static final long MOST_KIBIBYTES = 450L << 10;

    @TempDir
    private Path folder;

    @Test
    void noDamagedFileDoesHarm() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.awt.headless=true",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-Dorg.bytedeco.javacpp.maxBytes=0",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        DamagedMediaReading.class.getName(),
                        folder.toString(),
                        Long.toString(SEED))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(log);
        assertTrue(ended, () -> "still busy with " + lines.getLast());
        assertEquals(0, process.exitValue(), () -> tail(lines));
        List<String> outcomes = lines.stream()
                .filter(line -> line.startsWith("END "))
                .map(line -> line.substring(4))
                .toList();
        assertEquals(MediaKind.values().length * DamagedMediaReading.FILES_OF_A_KIND, outcomes.size());
        assertEquals(
                List.of(),
                outcomes.stream()
                        .filter(outcome -> !outcome.equals("RESULT") && !outcome.equals("REFUSED"))
                        .toList());
        assertTrue(
                outcomes.stream().filter("RESULT"::equals).count() > 30, "damage that nothing survives shows little");
        assertTrue(outcomes.stream().filter("REFUSED"::equals).count() > 200, "damage that nobody notices");
        long peak = Long.parseLong(lines.getLast().replaceAll("\\D", ""));
        assertTrue(peak < MOST_KIBIBYTES, "peak memory of %d KiB".formatted(peak));
    }

    private static String tail(List<String> lines) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }
}
