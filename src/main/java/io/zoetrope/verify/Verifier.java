package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Runs golden cases on this build.
public final class Verifier {

    private final Device device;
    private final Path goldenRoot; // null: found above each case
    private final Path demoModel; // null: beside the golden root

    public Verifier(Device device, Path goldenRoot, Path demoModel) {
        this.device = device;
        this.goldenRoot = goldenRoot;
        this.demoModel = demoModel;
    }

    /// Runs one case. A component that throws is a failed case whose remark is the message.
    ///
    /// @throws CheckpointException if the file is missing or no golden case
    public Verdict verify(Path path) {
        try (GoldenCase golden = GoldenCase.open(path, device);
                TensorScope _ = TensorScope.open()) {
            GoldenCheck check = GoldenChecks.of(golden.component())
                    .orElseThrow(() -> new CheckpointException(
                            path.toString(), "component " + golden.component() + " is not known to this build"));
            long start = System.nanoTime();
            try {
                Map<String, Tensor> results = check.run(golden, locations(path));
                return Judge.judge(golden, results, Duration.ofNanos(System.nanoTime() - start));
            } catch (RuntimeException e) {
                String reason =
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                return new Verdict(
                        golden.component(),
                        golden.name(),
                        false,
                        Double.NaN,
                        Double.NaN,
                        "-",
                        e.getClass().getSimpleName() + ": " + reason,
                        Duration.ofNanos(System.nanoTime() - start));
            }
        }
    }

    private Locations locations(Path path) {
        Path root = goldenRoot == null ? Locations.rootOf(path) : goldenRoot;
        return new Locations(root, demoModel == null ? root.resolve("../demo-model") : demoModel);
    }
}
