package io.zoetrope.verify;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The golden cases that are kept with the tests, and how a test judges one. Cases that are not there fail,
/// they are not skipped.
public final class GoldenFiles {

    private static final Path ROOT = Path.of("src/test/resources/golden");
    private static final Path DEMO_MODEL = Path.of("models/demo");

    private GoldenFiles() {}

    /// The cases of a component, sorted; at least one.
    public static List<Path> of(String component) {
        try (Stream<Path> files = Files.list(ROOT.resolve(component))) {
            List<Path> cases = files.filter(file -> Verifier.isCase(file.getFileName()))
                    .sorted()
                    .toList();
            assertTrue(!cases.isEmpty(), "no golden cases in " + ROOT.resolve(component));
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The cases of all components, sorted.
    static List<Path> all() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> Verifier.isCase(ROOT.relativize(file)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Verdict verify(Path golden) {
        return new Verifier(Device.CPU, ROOT, DEMO_MODEL, DEMO_MODEL).verify(golden);
    }

    public static void assertPasses(Path golden) {
        Verdict verdict = verify(golden);
        assertTrue(verdict.passed(), verdict.line());
    }
}
