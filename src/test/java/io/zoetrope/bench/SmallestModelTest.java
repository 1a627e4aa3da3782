package io.zoetrope.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left of the demo model is a model: a whole request passes through it.
class SmallestModelTest {

    @TempDir
    Path folder;

    @Test
    void theEngineMakesASoundWithIt() throws IOException {
        Path made = folder.resolve("smallest");
        SmallestModel.write(Path.of("models/demo"), made);
        try (BareEngine engine = BareEngine.load(made, WorkerBench.request())) {
            var spent = engine.measure(2, folder);
            assertEquals(2, spent.size());
            assertTrue(
                    spent.stream().allMatch(run -> run.seconds() > 0 && run.processorSeconds() > 0), spent::toString);
        }
    }
}
