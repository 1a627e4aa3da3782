package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.ResumedRun.Kind;
import io.zoetrope.engine.audiovae.LiveTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A run that goes on from a state ends with the same latents as one that was never interrupted, bit for bit.
class ResumeTest {

    /// Steps of the first of several phases.
    private static final int FIRST_PHASE = 4;

    private static ResumedRun run;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        run = new ResumedRun();
    }

    @AfterAll
    static void close() {
        run.close();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void whateverTheStepTheLatentsAreThoseOfAnUndisturbedRun(Kind kind) {
        Map<Integer, byte[]> states = new HashMap<>();
        String undisturbed = run.whole(kind, states);
        assertEquals(run.steps(kind), states.size());
        states.forEach((step, state) -> assertEquals(undisturbed, run.from(kind, state), "from step " + step));
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EULER", "SECOND_ORDER_EXPONENTIAL"})
    void anotherProcessGoesOnAsWell(Kind kind) throws Exception {
        Map<Integer, byte[]> states = new HashMap<>();
        String undisturbed = run.whole(kind, states);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<Integer, byte[]> state : states.entrySet()) {
            files.add(Files.write(folder.resolve("state-" + state.getKey()), state.getValue()));
        }
        assertEquals(Collections.nCopies(files.size(), undisturbed), elsewhere(kind, files));
    }

    @Test
    void aListenerEndsARunAfterAnyStepAndBeforeThePhasesAndNothingStays() {
        for (int stop : new int[] {1, 5, 9}) {
            LiveTensors.assertNoneLeft(() -> assertEquals(stop, stepsUntil(stop, Integer.MAX_VALUE)));
        }
        // twice for each phase: before the picture is enlarged, and before the first step
        assertEquals(0, stepsUntil(Integer.MAX_VALUE, 1));
        assertEquals(0, stepsUntil(Integer.MAX_VALUE, 2));
        LiveTensors.assertNoneLeft(() -> assertEquals(FIRST_PHASE, stepsUntil(Integer.MAX_VALUE, 3)));
        assertEquals(FIRST_PHASE, stepsUntil(Integer.MAX_VALUE, 4));
    }

    /// @return steps done when the listener threw
    private static int stepsUntil(int lastStep, int lastPreparing) {
        AtomicInteger steps = new AtomicInteger();
        AtomicInteger preparing = new AtomicInteger();
        DenoisingListener listener = new DenoisingListener() {
            @Override
            public void stepped(Step step) {
                steps.set(step.step());
                assertEquals(step.step(), step.state().get().step());
                if (step.step() == lastStep) {
                    throw new CancellationException();
                }
            }

            @Override
            public void preparing() {
                if (preparing.incrementAndGet() == lastPreparing) {
                    throw new CancellationException();
                }
            }
        };
        assertThrows(CancellationException.class, () -> run.followed(Kind.THREE_PHASES, listener));
        return steps.get();
    }

    @Test
    void aStateOfAnotherRunIsRefusedBeforeAnythingIsComputed() {
        Map<Integer, byte[]> states = new HashMap<>();
        run.whole(Kind.EULER, states);
        var sampler = assertThrows(
                IllegalArgumentException.class, () -> run.requireFit(Kind.GRADIENT_ESTIMATION, states.get(3)));
        assertTrue(sampler.getMessage().contains("is not there, expected"), sampler.getMessage());
        var tokens =
                assertThrows(IllegalArgumentException.class, () -> run.requireFit(Kind.GIVEN_PICTURES, states.get(3)));
        assertTrue(tokens.getMessage().contains("latent.video"), tokens.getMessage());
        assertThrows(IllegalArgumentException.class, () -> run.requireFit(Kind.TWO_PHASES, states.get(7)));
        assertThrows(
                IllegalArgumentException.class, () -> DenoisingState.of(Map.of(), Map.of("phase", "0", "step", "1")));
    }

    private static List<String> elsewhere(Kind kind, List<Path> states) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ResumedRun.class.getName(),
                kind.name()));
        states.forEach(state -> command.add(state.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed.lines().toList();
    }
}
