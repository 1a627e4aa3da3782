package io.zoetrope.cli;

import io.zoetrope.cli.Failures.InputException;
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
            "Prints a line per case, PASS or FAIL, with the worst differences. Exit code 0 only if all pass."
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

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        List<Path> files = cases.stream().flatMap(VerifyCommand::casesIn).toList();
        Verifier verifier = new Verifier(engine.device(), goldenRoot, demoModel, ShippedFiles.demoModel());
        List<Verdict> verdicts = new ArrayList<>();
        for (Path file : files) {
            Verdict verdict = verifier.verify(file);
            verdicts.add(verdict);
            out.println(verdict.line());
            out.flush();
        }
        long passed = verdicts.stream().filter(Verdict::passed).count();
        out.printf("%d passed, %d failed%n", passed, verdicts.size() - passed);
        return passed == verdicts.size() ? 0 : Failures.FAILED;
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
