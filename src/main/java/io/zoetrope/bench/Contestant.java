package io.zoetrope.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process that has loaded a workload and runs its stages when told to, so that two of them can take turns.
///
/// Says `{"ready": true}` when it has loaded; answers a line `{"stage": "pass"}` by one such as
/// `{"seconds": [0.12, 0.11], "operations": 1042}`, and `{"peak": true}` by `{"bytes": 731000000}`. Ends with its
/// input.
final class Contestant implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECONDS_TO_LEAVE = 20;

    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;

    private Contestant(String name, Process process) {
        this.name = name;
        this.process = process;
        this.answers = process.inputReader();
        this.questions = process.outputWriter();
    }

    /// @param name of it in error messages
    /// @param log  takes what it says on its error stream
    /// @throws IOException if it does not start
    static Contestant start(String name, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Contestant contestant = new Contestant(name, builder.start());
        try {
            JsonNode ready = contestant.answer();
            if (!ready.path("ready").asBoolean()) {
                throw new IOException("%s said %s, expected that it is ready".formatted(name, ready));
            }
            return contestant;
        } catch (IOException e) {
            contestant.close();
            throw new IOException("%s; what it said is in %s".formatted(e.getMessage(), log), e);
        }
    }

    EngineRunner.Run run(Stage stage) throws IOException {
        return run(Map.of("stage", stage.label()));
    }

    /// The same at a size that it is not told when it starts.
    EngineRunner.Run run(Stage stage, ClipSize size) throws IOException {
        return run(Map.of("stage", stage.label(), "size", size.toString()));
    }

    private EngineRunner.Run run(Map<String, String> question) throws IOException {
        JsonNode answer = ask(question);
        List<Double> seconds = new ArrayList<>();
        answer.path("seconds").forEach(figure -> seconds.add(figure.asDouble()));
        return new EngineRunner.Run(seconds, answer.path("operations").asLong());
    }

    ResidentMemory memory() throws IOException {
        JsonNode answer = ask(Map.of("peak", true));
        return new ResidentMemory(
                answer.path("bytes").asLong(), answer.path("anonymous").asLong());
    }

    private JsonNode ask(Map<String, ?> question) throws IOException {
        questions.write(JSON.writeValueAsString(question) + "\n");
        questions.flush();
        return answer();
    }

    private JsonNode answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException(name + " ended without an answer");
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() {
        try {
            questions.close();
            if (!process.waitFor(SECONDS_TO_LEAVE, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException _) {
            process.destroyForcibly(); // it has ended already, or does not listen
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
