package io.zoetrope.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {

    private static final String FULL = """
            {"metadata": {"shot": "3b", "film": "Ümläut 🎬"}, "tenant": "studio", "deadline": "2030-01-31T13:00:00.5+01:00",
             "priority": "high", "output": {"contact_sheet": true}, "upsampler": "temporal-x2", "noise_type": "bfloat16", "enhance_prompt": "greedy",
             "loras": [{"name": "noir", "strength": 0.5}],
             "conditions": [{"type": "image", "source": "a.png"}, {"type": "keyframe", "source": "b.png", "frame": 8, "strength": 0.8},
               {"type": "video", "source": "c.mp4", "start": 1, "end": 2.5}, {"type": "audio", "source": "d.wav"},
               {"type": "reference", "source": "e.mp4", "attention": 0.5}, {"type": "retake", "source": "f.mp4", "start": 0, "end": 1, "streams": "audio"}],
             "schedule": "beta", "sampler": "res-2s",
             "guidance": {"video": {"cfg": 3, "stg": 1, "blocks": [29], "rescale": 0.7, "modality": 3, "skip_step": 1, "rule": "apg", "eta": 0.5, "threshold": 20}, "audio": {"cfg": 7, "blocks": []}},
             "steps": 40, "seed": "18446744073709551615", "fps": 23.976, "seconds": 5, "height": 512, "width": 768.0,
             "pipeline": "two-stage", "model": "ltx-2.0", "negative_prompt": "", "prompt": "A red circle.\\nIt moves."}""";

    static Stream<BadRequests.Case> badRequests() {
        return BadRequests.foundByReader();
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void namesTheFieldThatIsWrong(BadRequests.Case bad) {
        List<Problem> problems = RequestReader.read(bad.json()).problems();
        Problem first = problems.getFirst();
        assertEquals(1, problems.size(), problems::toString);
        assertEquals(
                List.of(bad.field(), bad.code(), Optional.ofNullable(bad.nearest())),
                List.of(first.field(), first.code(), Optional.ofNullable(first.nearest())),
                first::toString);
        assertTrue(!first.allowed().isBlank() && first.allowed().length() < 600, first::allowed);
    }

    @Test
    void readsEveryField() {
        ParsedRequest parsed = read(FULL);
        assertEquals(List.of(), parsed.problems());
        GenerationRequest request = parsed.request();
        assertEquals(Optional.of("A red circle.\nIt moves."), request.prompt());
        assertEquals(Optional.of(""), request.negativePrompt());
        assertEquals(Optional.of(Pipeline.TWO_STAGE), request.pipeline());
        assertEquals(Optional.of(768), request.width());
        assertEquals(Optional.of(23.976), request.fps());
        assertEquals(Optional.of(new Seed(-1)), request.seed());
        assertEquals(Optional.of(Sampler.RES_2S), request.sampler());
        assertEquals(Optional.of(Schedule.BETA), request.schedule());
        assertEquals(Optional.of(Upsampler.TEMPORAL_X2), request.upsampler());
        assertEquals(Optional.of(NoiseType.BFLOAT16), request.noiseType());
        assertEquals(Optional.of(Enhancement.GREEDY), request.enhancePrompt());
        GenerationRequest.Guidance guidance = request.guidance().orElseThrow();
        assertEquals(Optional.of(List.of(29)), guidance.video().orElseThrow().perturbedBlocks());
        assertEquals(
                Optional.of(GuidanceRule.APG), guidance.video().orElseThrow().rule());
        assertEquals(Optional.of(List.of()), guidance.audio().orElseThrow().perturbedBlocks());
        assertEquals(Optional.empty(), guidance.audio().orElseThrow().rescale());
        assertEquals(6, request.conditions().size());
        assertEquals(
                new Condition.Keyframe("b.png", 8, Optional.of(0.8), Optional.empty()),
                request.conditions().get(1));
        assertEquals(
                new Condition.Retake("f.mp4", Optional.of(0.0), Optional.of(1.0), Optional.of(RetakenStreams.AUDIO)),
                request.conditions().getLast());
        assertEquals(List.of(new GenerationRequest.Lora("noir", Optional.of(0.5))), request.loras());
        assertEquals(new GenerationRequest.Output(false, true, false), request.outputOrDefault());
        assertEquals(Optional.of(Instant.parse("2030-01-31T12:00:00.5Z")), request.deadline());
        assertEquals(Map.of("shot", "3b", "film", "Ümläut 🎬"), request.metadata());
    }

    @Test
    void canonicalFormIsReadAsTheSameRequest() {
        GenerationRequest request = read(FULL).request();
        ParsedRequest again = RequestReader.read(request.toJson());
        assertEquals(List.of(), again.problems());
        assertEquals(request, again.request());
        assertArrayEquals(request.toJson(), again.request().toJson());
    }

    @Test
    void canonicalFormHasOnlyWhatIsPresent() {
        GenerationRequest request =
                read("{\"seed\":7,\"negative_prompt\":\"\",\"metadata\":{\"b\":\"2\",\"a\":\"1\"},\"prompt\":\"x\"}")
                        .request();
        assertEquals(
                "{\"prompt\":\"x\",\"negative_prompt\":\"\",\"seed\":7,\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}",
                new String(request.toJson(), StandardCharsets.UTF_8));
    }

    @Test
    void digestIsThatOfTheContentNotOfItsSpelling() {
        String digest =
                read("{\"prompt\":\"x\",\"fps\":24,\"seed\":5}").request().digest();
        assertEquals(
                digest,
                read("{ \"seed\" : \"5\", \"fps\": 24.0, \"prompt\":\"\\u0078\" }")
                        .request()
                        .digest());
        assertNotEquals(
                digest,
                read("{\"prompt\":\"x\",\"fps\":24,\"seed\":6}").request().digest());
        assertTrue(digest.matches("[0-9a-f]{64}"), digest);
    }

    @Test
    void listsAllProblemsAndKeepsWhatIsRight() {
        ParsedRequest parsed = read("""
                {"prompt": "", "widht": 96, "height": 100, "frames": 20, "fps": 500, "seed": -3, "steps": "ten",
                 "guidance": {"video": {"cfg": 2, "stg": NaN}}, "priority": "urgent", "width": 96}""");
        assertEquals(
                List.of(
                        "widht",
                        "prompt",
                        "height",
                        "frames",
                        "fps",
                        "seed",
                        "steps",
                        "guidance.video.stg",
                        "priority"),
                parsed.problems().stream().map(Problem::field).toList());
        assertEquals(Optional.of(96), parsed.request().width());
        assertEquals(Optional.empty(), parsed.request().height());
        assertEquals(
                Optional.of(2.0),
                parsed.request().guidance().orElseThrow().video().orElseThrow().guidanceScale());
    }

    @Test
    void saysWhereTheTextIsNoJson() {
        Problem problem = read("{\"prompt\": \"x\",\n  width: 96}").problems().getFirst();
        assertTrue(problem.allowed().contains("line 2, column 3"), problem::allowed);
    }

    @Test
    void countsWhatItDoesNotList() throws Exception {
        StringBuilder many = new StringBuilder("{\"prompt\":\"x\"");
        for (int i = 0; i < 5000; i++) {
            many.append(",\"field").append(i).append("\":").append(i);
        }
        List<Problem> problems = read(many + "}").problems();
        assertEquals(101, problems.size());
        assertTrue(problems.getLast().allowed().contains("4900 more"), problems.getLast()::allowed);
        assertTrue(new ObjectMapper().writeValueAsBytes(problems).length < 100_000);
    }

    @Test
    void problemsCanAlwaysBeWritten() throws Exception {
        List<Problem> problems = read("{\"prompt\":\"%s\\ud83d\",\"%s\":1}"
                        .formatted("🎬".repeat(119), "n".repeat(9000)))
                .problems();
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(new ObjectMapper().writeValueAsBytes(problems).length < 3000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "9007199254740991", "\"9007199254740992\"", "\"18446744073709551615\"", "7.0", "1e3"})
    void readsSeeds(String seed) {
        ParsedRequest parsed = read("{\"prompt\":\"x\",\"seed\":%s}".formatted(seed));
        assertEquals(List.of(), parsed.problems());
        String plain =
                new java.math.BigDecimal(seed.replace("\"", "")).toBigInteger().toString();
        assertEquals(plain, parsed.request().seed().orElseThrow().toString());
    }

    @Test
    void tableNamesEveryFieldForAHelpText() {
        assertTrue(RequestFields.leaves()
                .keySet()
                .containsAll(List.of("prompt", "guidance.audio.skip_step", "output.preview", "seed")));
        RequestFields.leaves().forEach((path, field) -> {
            assertTrue(!field.meaning().isBlank() && !field.meaning().endsWith("."), path);
            assertTrue(!field.type().allowed().isBlank(), path);
        });
    }

    private static ParsedRequest read(String json) {
        return RequestReader.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
