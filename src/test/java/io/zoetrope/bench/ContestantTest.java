package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that answers, and ones that do not.
class ContestantTest {

    @TempDir
    Path folder;

    @Test
    void aProcessIsAskedForStagesAndForItsMemory() throws IOException {
        try (Contestant contestant =
                start("echo '{\"ready\": true}'; read a; echo '{\"seconds\": [0.5, 0.25], \"operations\": 3}';"
                        + " read b; echo '{\"bytes\": 42}'; echo \"$a $b\" >&2")) {
            assertEquals(new EngineRunner.Run(List.of(0.5, 0.25), 3), contestant.run(Stage.PASS));
            assertEquals(42, contestant.peakBytes());
        }
        assertEquals("{\"stage\":\"pass\"} {\"peak\":true}\n", Files.readString(folder.resolve("log")));
    }

    @Test
    void aProcessThatEndsIsNamedWithTheFileThatTellsWhy() throws IOException {
        IOException failure = assertThrows(IOException.class, () -> start("echo 'no such module' >&2; exit 1"));
        assertTrue(failure.getMessage().startsWith("it ended without an answer"), failure.getMessage());
        assertTrue(failure.getMessage().contains(folder.resolve("log").toString()), failure.getMessage());
        assertEquals("no such module\n", Files.readString(folder.resolve("log")));
    }

    private Contestant start(String script) throws IOException {
        return Contestant.start("it", List.of("bash", "-c", script), Map.of(), folder.resolve("log"));
    }
}
