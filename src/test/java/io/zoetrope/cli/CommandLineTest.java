package io.zoetrope.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.media.MediaLimits;
import io.zoetrope.media.MediaReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Commands as a person types them.
class CommandLineTest {

    private static final Path RED_CIRCLE =
            Path.of("src/test/resources/golden/generate/demo-red-circle-right-high.safetensors");

    @TempDir
    Path folder;

    private record Outcome(int code, String out, String error) {}

    @Test
    void generateReproducesTheReferencesFramesAndSound() throws Exception {
        Outcome outcome = run(
                "generate",
                "A red circle moves left to right on a blue background with a high tone.",
                "--seed=7",
                "--output=" + folder.resolve("clip.mp4"),
                "--dump=" + folder.resolve("dump"));
        assertEquals(0, outcome.code(), outcome.error());
        try (SafetensorsFile golden = SafetensorsFile.open(RED_CIRCLE);
                SafetensorsFile ours = SafetensorsFile.open(folder.resolve("dump/latents.safetensors"))) {
            float[] expected = golden.tensor("output.audio").toFloatArray();
            float[] samples = ours.tensor("samples").toFloatArray();
            assertArrayEquals(expected, samples, 2e-4f);
            byte[] pixels = golden.tensor("output.video").memory().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
            for (int frame = 0; frame < 17; frame++) {
                assertFrame(pixels, frame);
            }
        }
        assertTrue(Files.size(folder.resolve("clip.mp4")) > 1000);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            frames that are not 8k + 1  | generate,x,--frames=16                        | frames
            a size off the grid         | generate,x,--width=100                        | 96
            a number that is none       | generate,x,--height=tall                      | height
            both lengths                | generate,x,--frames=9,--seconds=2             | seconds
            no prompt                   | generate                                      | prompt
            a seed beyond 64 bits       | generate,x,--seed=99999999999999999999        | seed
            an unknown sampler          | generate,x,--sampler=eulr                     | euler
            an unknown option           | generate,x,--widht=96                         | --widht
            an unknown command          | generat                                       | generate
            a missing model             | generate,x,--model-folder=/nowhere            | /nowhere
            an unknown device           | generate,x,--device=tpu                       | tpu
            a precision                 | generate,x,--precision=int4                   | bfloat16
            a size of memory            | generate,x,--memory=much                      | 800M or 2G
            a missing case              | verify,/nowhere/case.safetensors              | /nowhere
            a report without folder     | verify,src/test/resources/golden/noise,--report=/nowhere/page.md | /nowhere
            a file that is no case      | verify,models/demo/gemma/model.safetensors    | golden case
            a file that is no checkpoint| inspect,README.md                             | README.md
            a job id                    | watch,no/slashes                              | no/slashes
            """)
    void wrongInputIsOneLineThatNamesItAndExitCodeTwo(String name, String arguments, String named) {
        Outcome outcome = run(arguments.split(","));
        assertEquals(2, outcome.code(), outcome.error());
        List<String> lines = outcome.error()
                .lines()
                .filter(line -> line.startsWith("zoetrope:"))
                .toList();
        assertEquals(1, lines.size(), outcome.error());
        assertTrue(lines.getFirst().contains(named), lines.getFirst());
    }

    @Test
    void inspectTellsVersionParametersAndMemory() {
        Outcome outcome = run("inspect", "models/demo");
        assertEquals(0, outcome.code(), outcome.error());
        assertTrue(outcome.out().contains("2.0.0-demo"), outcome.out());
        assertTrue(outcome.out().contains("memory      denoise"), outcome.out());
    }

    @Test
    void verifyPrintsJsonLinesAndWritesThePage() throws Exception {
        Path page = folder.resolve("page.md");
        Path noise = Path.of("src/test/resources/golden/noise");
        Outcome outcome = run("verify", noise.toString(), noise + "/.", "--json", "--report=" + page);
        assertEquals(0, outcome.code(), outcome.error());
        List<String> lines = outcome.out().lines().toList();
        assertEquals(1, lines.size(), "a case named twice runs once: " + outcome.out());
        var json = new ObjectMapper().readTree(lines.getFirst());
        assertEquals("noise", json.get("component").asText());
        assertEquals("torch-cpu-generator", json.get("case").asText());
        assertTrue(json.get("passed").isBoolean() && json.get("passed").asBoolean(), outcome.out());
        assertEquals(2e-6, json.get("absolute_tolerance").asDouble());
        assertTrue(json.get("absolute_difference").asDouble() <= 2e-6, outcome.out());
        assertTrue(Files.readString(page).contains("| `torch-cpu-generator` | PASS |"));
    }

    private void assertFrame(byte[] pixels, int frame) throws Exception {
        Path file = folder.resolve("dump/frame-%04d.png".formatted(frame));
        try (var media = new MediaReader(MediaLimits.DEFAULT).decode(file)) {
            var rgb = media.video().orElseThrow().frames().rgb();
            int size = 96 * 96 * 3;
            for (int i = 0; i < size; i++) {
                int ours = rgb.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) & 0xff;
                int theirs = pixels[frame * size + i] & 0xff;
                assertTrue(Math.abs(ours - theirs) <= 1, "frame %d, byte %d: %d, %d".formatted(frame, i, ours, theirs));
            }
        }
    }

    private static Outcome run(String... arguments) {
        PrintStream out = System.out;
        PrintStream error = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Zoetrope.run(arguments);
            return new Outcome(
                    code, printed.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(error);
        }
    }
}
