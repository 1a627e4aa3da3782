package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.bench.EngineRunner;
import io.zoetrope.bench.Stage;
import io.zoetrope.bench.Workload;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.engine.tensor.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `zoetrope bench runner`: the process that `bench engine` measures. Reads questions from its input and answers each
/// by a line of JSON; bench/README.md tells which.
@Command(name = "runner", description = "What 'bench engine' starts and measures.", hidden = true)
final class BenchRunnerCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";
    private static final long KIBIBYTE = 1024;

    @Option(names = "--workload", required = true, paramLabel = "NAME")
    private String workload;

    @Option(names = "--model", required = true, paramLabel = "PATH")
    private Path model;

    @Mixin
    private EngineOptions engine;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Workload wanted = Workload.named(workload)
                .orElseThrow(() -> new InputException("--workload %s is not known".formatted(workload)));
        Device device = engine.device();
        try (EngineRunner runner = EngineRunner.load(wanted, model, device);
                BufferedReader questions =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            say(Map.of("ready", true));
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                answer(JSON.readTree(line), runner);
            }
        }
        return 0;
    }

    private void answer(JsonNode question, EngineRunner runner) throws IOException {
        if (question.has("peak")) {
            say(Map.of("bytes", peakBytes()));
            return;
        }
        EngineRunner.Run run =
                runner.run(Stage.valueOf(question.path("stage").asText().toUpperCase(Locale.ROOT)));
        say(Map.of("seconds", run.seconds(), "operations", run.operations()));
    }

    /// 0 where the system does not tell.
    private static long peakBytes() throws IOException {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(PEAK))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                .findFirst()
                .orElse(0);
    }

    private void say(Map<String, ?> answer) throws IOException {
        var out = spec.commandLine().getOut();
        out.println(JSON.writeValueAsString(answer));
        out.flush();
    }
}
