package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.verify.ParityPage;
import io.zoetrope.verify.Verdict;
import io.zoetrope.verify.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `zoetrope verify`: is this build, on this device, the model?
@Command(
        name = "verify",
        description = {
            "Runs golden cases (files, or folders of them) on this build and device, and compares every number with the"
                    + " reference implementation's.",
            "Prints a line per case, PASS or FAIL, with the worst differences. Exit code 0 only if all pass.",
            "docs/parity.md is written by: zoetrope verify GOLDEN --report docs/parity.md"
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "CASE", description = "Golden case files, or folders that hold them.")
    private List<Path> cases;

    @Option(
            names = "--golden-root",
            paramLabel = "DIR",
            description = "Where relative paths in the cases start (default: the folder above a case that holds"
                    + " end-to-end/).")
    private Path goldenRoot;

    @Option(
            names = "--demo-model",
            paramLabel = "DIR",
            description = "The demo model (default: demo-model beside the golden root, else the one shipped).")
    private Path demoModel;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also write a page in Markdown: a table per component.")
    private Path report;

    @Option(names = "--json", description = "One JSON object per case and line, without the counts.")
    private boolean json;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        if (report != null) {
            checkReport();
        }
        List<Path> files = cases.stream()
                .flatMap(VerifyCommand::casesIn)
                .map(path -> path.toAbsolutePath().normalize())
                .distinct()
                .toList();
        Device device = engine.device();
        Verifier verifier = new Verifier(device, goldenRoot, demoModel, ShippedFiles.demoModel());
        List<Verdict> verdicts = new ArrayList<>();
        for (Path file : files) {
            Verdict verdict = verifier.verify(file);
            verdicts.add(verdict);
            out.println(json ? verdict.json().toString() : verdict.line());
            out.flush();
        }
        long passed = verdicts.stream().filter(Verdict::passed).count();
        if (!json) {
            out.printf("%d passed, %d failed%n", passed, verdicts.size() - passed);
        }
        if (report != null) {
            Files.writeString(report, new ParityPage(ProductVersion.read(), device, verdicts).markdown());
        }
        return passed == verdicts.size() ? 0 : Failures.FAILED;
    }

    /// Before the cases run, which takes minutes.
    private void checkReport() {
        Path folder = report.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(report)) {
            throw new InputException("--report %s; expected a file in a folder that exists".formatted(report));
        }
    }

    private static Stream<Path> casesIn(Path path) {
        if (!Files.exists(path)) {
            throw new InputException("%s does not exist; expected a golden case or a folder of them".formatted(path));
        }
        if (!Files.isDirectory(path)) {
            return Stream.of(path);
        }
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> found = files.filter(file -> Verifier.isCase(path.relativize(file)))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new InputException("%s holds no golden cases".formatted(path));
            }
            return found.stream();
        } catch (IOException e) {
            throw new InputException("%s cannot be read: %s".formatted(path, e.getMessage()));
        }
    }
}
