package io.zoetrope.verify;

import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// Runs golden cases on this build.
public final class Verifier {

    private final Device device;
    private final Path goldenRoot; // null: found above each case
    private final Path demoModel; // null: beside the golden root
    private final Path shippedDemoModel;

    /// @param goldenRoot       where relative paths in cases start; null to look for it above each case
    /// @param demoModel        the demo model; null to look for it beside the golden root
    /// @param shippedDemoModel used where there is none beside the golden root
    public Verifier(Device device, Path goldenRoot, Path demoModel, Path shippedDemoModel) {
        this.device = device;
        this.goldenRoot = goldenRoot;
        this.demoModel = demoModel;
        this.shippedDemoModel = shippedDemoModel;
    }

    /// Runs one case. A component that throws is a failed case whose remark is the message.
    ///
    /// @throws CheckpointException if the file is missing or no golden case
    public Verdict verify(Path path) {
        if (path.endsWith(TokenizerCheck.FILE)) {
            return TokenizerCheck.run(path);
        }
        try (GoldenCase golden = GoldenCase.open(path, device);
                TensorScope _ = TensorScope.open()) {
            long start = System.nanoTime();
            try {
                GoldenCheck check = GoldenChecks.of(golden.component())
                        .orElseThrow(() -> new IllegalArgumentException(
                                "component '%s' is not known to this build".formatted(golden.component())));
                Map<String, Tensor> results = check.run(golden, locations(path));
                return Judge.judge(golden, results, Duration.ofNanos(System.nanoTime() - start));
            } catch (RuntimeException e) {
                String reason =
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                return new Verdict(
                        golden.header(),
                        false,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        "-",
                        e.getClass().getSimpleName() + ": " + reason,
                        Duration.ofNanos(System.nanoTime() - start));
            }
        }
    }

    /// Whether a file below a folder of golden cases is a case, rather than part of a model that cases use.
    public static boolean isCase(Path relative) {
        return (relative.toString().endsWith(".safetensors") || relative.endsWith(TokenizerCheck.FILE))
                && !relative.toString().contains("end-to-end");
    }

    private Locations locations(Path path) {
        Path root = goldenRoot == null ? Locations.rootOf(path) : goldenRoot;
        if (demoModel != null) {
            return new Locations(root, demoModel);
        }
        Path beside = root.resolve(Locations.DEMO_MODEL);
        return new Locations(root, Files.isDirectory(beside) ? beside : shippedDemoModel);
    }
}
