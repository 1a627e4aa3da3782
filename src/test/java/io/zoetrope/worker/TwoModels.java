package io.zoetrope.worker;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/// A worker with the demo model, and with the tiny one that has an upsampler and a LoRA beside it.
public class TwoModels implements QuarkusTestProfile {

    /// What the tiny model's requests leave out: two guided steps of a clip of 9 frames.
    private static final String TINY_DEFAULTS = """
            {"width": 128, "height": 128, "frames": 9, "fps": 24, "steps": 3, "pipeline": "one-stage",
             "guidance": {"video": {"cfg": 3}, "audio": {"cfg": 3}}, "negative_prompt": "blurry",
             "distilled_lora": {"name": "distilled-lora"}}""";

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");
    private static final Path DEMO = Path.of("models/demo");

    @Override
    public Map<String, String> getConfigOverrides() {
        String run = Long.toString(System.nanoTime());
        return Map.of(
                "zoetrope.worker.id",
                "test-worker",
                "zoetrope.models.folder",
                models(Path.of("target/test-models", run)).toString(),
                "zoetrope.models.load",
                "tiny",
                "zoetrope.artifacts.folder.path",
                "target/test-artifacts/worker-" + run,
                "zoetrope.artifacts.keep-intermediate",
                "true",
                "zoetrope.worker.joined-by",
                System.getProperty("test.zoetrope.joined-by", "memory"),
                "zoetrope.checkpoints.every",
                "0s",
                "zoetrope.reaper.silence",
                "3s");
    }

    private static Path models(Path folder) {
        try {
            copy(DEMO, folder.resolve("demo"));
            copy(TINY, folder.resolve("tiny"));
            Files.writeString(folder.resolve("tiny/defaults.json"), TINY_DEFAULTS);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
