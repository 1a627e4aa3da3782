package io.zoetrope.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.sampling.ClassifierFreeRule;
import io.zoetrope.request.BadRequests;
import io.zoetrope.request.Condition;
import io.zoetrope.request.GuidanceRule;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Seed;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {

    private static final ComputeDevice CPU = new ComputeDevice("cpu", Precision.FLOAT32, 16 * Models.GIB, 1);
    private static final Planner PLANNER = new Planner(List.of(Models.demo(), Models.published20()), CPU);
    private static final ComputeDevice GPU = new ComputeDevice("cuda:0", Precision.BFLOAT16, 80 * Models.GIB, 1);
    private static final Planner GPU_PLANNER = new Planner(List.of(Models.published20()), GPU);

    static Stream<BadRequests.Case> badRequests() {
        return BadRequests.all();
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void refusesWhatIsWrong(BadRequests.Case bad) {
        PlanOutcome outcome = PLANNER.plan(RequestReader.read(bad.json()), () -> new Seed(1));
        List<Problem> problems =
                assertInstanceOf(PlanOutcome.Refused.class, outcome).problems();
        assertEquals(1, problems.size(), problems::toString);
        Problem problem = problems.getFirst();
        assertEquals(List.of(bad.field(), bad.code()), List.of(problem.field(), problem.code()), problem::toString);
        boolean some = BadRequests.SOME.equals(bad.nearest()) && problem.nearest() != null;
        assertTrue(some || Objects.equals(bad.nearest(), problem.nearest()), problem::toString);
    }

    @Test
    void fillsInTheDemoModelsDefaults() {
        GenerationPlan plan = planned(PLANNER, "{\"prompt\":\"a red circle\"}");
        assertEquals(new GenerationPlan.Video(96, 96, 17, 8, 128, 3, 3, 3), plan.video());
        assertEquals(new GenerationPlan.Audio(2, 53, 16, 24_000, 50_160), plan.audio());
        assertEquals(27, plan.video().tokens());
        assertEquals(10, plan.steps());
        assertEquals(new SchedulePlan.Shifted(4096, 0.95, 2.05, true, 0.1), plan.schedule());
        assertEquals(Sampler.EULER, plan.sampler());
        assertEquals(
                new StreamGuidance(2, 0, List.of(), 0, 1, 0), plan.guidance().video());
        assertEquals(plan.guidance().video(), plan.guidance().audio());
        assertEquals(2, plan.guidance().passes());
        assertEquals("", plan.negativePrompt());
        assertEquals(new GenerationPlan.Noise(new Seed(77), "tokens", Precision.FLOAT32, "cpu"), plan.noise());
        assertEquals(new GenerationPlan.Model("demo", "2.0.0-demo", "0123abc"), plan.model());
    }

    @Test
    void takesGuidanceFieldByField() {
        GenerationPlan plan = planned(
                GPU_PLANNER,
                "{\"prompt\":\"x\",\"guidance\":{\"video\":{\"cfg\":5,\"skip_step\":1},\"audio\":{\"stg\":0,\"modality\":1,\"blocks\":[]}}}");
        assertEquals(
                new StreamGuidance(5, 1, List.of(29), 0.7, 3, 1),
                plan.guidance().video());
        assertEquals(
                new StreamGuidance(7, 0, List.of(), 0.7, 1, 0), plan.guidance().audio());
        assertEquals(4, plan.guidance().passes());
    }

    @Test
    void rulesOfGuidanceReachTheEngine() {
        StreamGuidance adaptive = planned(
                        PLANNER,
                        "{\"prompt\":\"x\",\"guidance\":{\"video\":{\"rule\":\"apg\",\"eta\":0.5,\"threshold\":20}}}")
                .guidance()
                .video();
        assertEquals(new StreamGuidance(2, 0, List.of(), 0, 1, 0, GuidanceRule.APG, 0.5, 20), adaptive);
        StreamGuidance star = planned(PLANNER, "{\"prompt\":\"x\",\"guidance\":{\"audio\":{\"rule\":\"cfg-star\"}}}")
                .guidance()
                .audio();
        assertEquals(GuidanceRule.CFG_STAR, star.rule());
        assertEquals(
                new ClassifierFreeRule.AdaptiveProjected(0.5, 20),
                EngineSettings.stream(adaptive).rule());
        assertEquals(new ClassifierFreeRule.Star(), EngineSettings.stream(star).rule());
        assertEquals(
                new ClassifierFreeRule.Plain(),
                EngineSettings.stream(StreamGuidance.OFF).rule());
    }

    @ParameterizedTest
    @CsvSource({"17, 24, 18", "121, 24, 126", "9, 25, 9", "17, 8, 53", "1, 10, 2", "9, 90, 2", "1, 2, 12", "1, 50, 0"})
    void audioFramesAreRoundedHalfToEven(int frames, double fps, int expected) {
        assertEquals(expected, new LatentGeometry(Models.demo().description()).audioLatentFrames(frames, fps));
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 10, 9",
        "0.4, 10, 1",
        "1.3, 10, 17",
        "5, 24, 121",
        "0.01, 1, 1",
        "2.125, 8, 17",
        "1.6, 8, 9",
        "1.625, 8, 17",
        "1.61, 8, 9",
        "1.62, 8, 9",
        "0.5, 25.9, 9",
        "60, 60, 3601",
        "5.3, 23.976, 129",
        "2.625, 8, 25",
        "2.62, 8, 17"
    })
    void secondsPickTheNearestValidFrames(double seconds, double fps, int expected) {
        assertEquals(expected, LatentGeometry.framesOf(seconds, fps, 8));
    }

    @Test
    void secondsAreRecordedAsFrames() {
        assertEquals(
                25, planned(PLANNER, "{\"prompt\":\"x\",\"seconds\":3}").video().frames());
        assertEquals(
                73,
                planned(PLANNER, "{\"prompt\":\"x\",\"seconds\":3,\"fps\":24}")
                        .video()
                        .frames());
    }

    @Test
    void twoStagesNeedTwiceTheGrid() {
        Problem problem = refused(
                        GPU_PLANNER, "{\"prompt\":\"x\",\"pipeline\":\"two-stage\",\"width\":800,\"height\":512}")
                .getFirst();
        assertEquals(
                List.of("width", "off-grid", "768 or 832"),
                List.of(problem.field(), problem.code(), problem.nearest()));
        assertEquals(
                Pipeline.ONE_STAGE,
                planned(GPU_PLANNER, "{\"prompt\":\"x\",\"width\":800}").pipeline());
    }

    @Test
    void otherGrowthNeedsOtherGrids() {
        String twoStage =
                "{\"prompt\":\"x\",\"pipeline\":\"two-stage\",\"upsampler\":\"%s\",\"width\":768,\"height\":%d,\"frames\":%d}";
        Problem third = refused(GPU_PLANNER, twoStage.formatted("spatial-x1.5", 512, 121))
                .getFirst();
        assertEquals(List.of("height", "480 or 576"), List.of(third.field(), third.nearest()));
        Refinement smaller = planned(GPU_PLANNER, twoStage.formatted("spatial-x1.5", 576, 121))
                .refinement();
        assertEquals(
                List.of(512, 384),
                List.of(smaller.base().width(), smaller.base().height()));
        Problem odd = refused(
                        GPU_PLANNER, twoStage.formatted("temporal-x2", 512, 121).replace("121", "121"))
                .getFirst();
        assertEquals(List.of("frames", "113 or 129"), List.of(odd.field(), odd.nearest()));
        Refinement slower = planned(GPU_PLANNER, twoStage.formatted("temporal-x2", 512, 129))
                .refinement();
        assertEquals(65, slower.base().frames());
        assertEquals(12, slower.base().fps());
    }

    @Test
    void pipelinesHaveTheirOwnPhases() {
        GenerationPlan guided =
                planned(GPU_PLANNER, "{\"prompt\":\"x\",\"pipeline\":\"two-stage\",\"loras\":[{\"name\":\"third\"}]}");
        assertTrue(guided.refinement().keepsBaseSound());
        assertEquals(List.of("third"), names(guided.loras()));
        assertEquals(List.of("third", "distilled"), names(guided.refinement().loras()));
        assertEquals(0.909375, guided.refinement().noiseScale());
        GenerationPlan distilled = planned(GPU_PLANNER, "{\"prompt\":\"x\",\"pipeline\":\"distilled\"}");
        assertEquals(new SchedulePlan.Distilled(), distilled.schedule());
        assertEquals(Guidance.OFF, distilled.guidance());
        assertTrue(!distilled.refinement().keepsBaseSound());
        GenerationPlan high = planned(GPU_PLANNER, "{\"prompt\":\"x\",\"pipeline\":\"two-stage-hq\"}");
        assertEquals(Sampler.RES_2S, high.sampler());
        assertEquals(15, high.steps());
        assertEquals(0.25, high.loras().getFirst().strength());
        assertEquals(0.5, high.refinement().loras().getFirst().strength());
        assertEquals(new SchedulePlan.Shifted(16 * 8 * 12, 0.95, 2.05, true, 0.1), high.schedule());
        GenerationPlan keyframes = planned(
                GPU_PLANNER,
                "{\"prompt\":\"x\",\"pipeline\":\"keyframes\",\"conditions\":[{\"type\":\"image\",\"source\":\"a.png\"}]}");
        assertInstanceOf(Condition.Keyframe.class, keyframes.conditions().getFirst());
        assertTrue(!keyframes.refinement().keepsBaseSound());
    }

    @Test
    void conditionsAreResolvedAndOrdered() {
        GenerationPlan plan = planned(
                GPU_PLANNER,
                "{\"prompt\":\"x\",\"loras\":[{\"name\":\"union-control\"}],\"conditions\":["
                        + "{\"type\":\"reference\",\"source\":\"r.mp4\"},{\"type\":\"image\",\"source\":\"a.png\",\"frame\":8},"
                        + "{\"type\":\"image\",\"source\":\"b.png\",\"strength\":0.5}]}");
        Optional<Integer> crf = Optional.of(33);
        assertEquals(
                List.of(
                        new Condition.Keyframe("a.png", 8, Optional.of(1.0), crf),
                        new Condition.Image("b.png", Optional.of(0), Optional.of(0.5), crf),
                        new Condition.Reference(
                                "r.mp4", Optional.empty(), Optional.empty(), Optional.of(1.0), Optional.of(1.0))),
                plan.conditions());
        assertEquals(List.of(), plan.warnings());
        StageMemory alone = planned(GPU_PLANNER, "{\"prompt\":\"x\"}").memory();
        assertTrue(plan.memory().denoise().activations() > alone.denoise().activations());
        assertTrue(plan.memory().textEncode().activations() > alone.textEncode().activations());
    }

    @Test
    void referencesHaveTheSizeThatTheirLoraWasTrainedFor() {
        String request = "{\"prompt\":\"x\",\"loras\":[%s],\"width\":%d,\"height\":96,\"frames\":9,"
                + "\"conditions\":[{\"type\":\"reference\",\"source\":\"a.mp4\"}]}";
        Problem grid = refused(GPU_PLANNER, request.formatted("{\"name\":\"third\"}", 128))
                .getFirst();
        assertEquals(List.of("conditions[0]", "off-grid"), List.of(grid.field(), grid.code()));
        Problem sizes = refused(GPU_PLANNER, request.formatted("{\"name\":\"third\"},{\"name\":\"union-control\"}", 96))
                .getFirst();
        assertEquals(List.of("conditions[0]", "conflict"), List.of(sizes.field(), sizes.code()));
        assertEquals(
                1, planned(GPU_PLANNER, request.formatted("", 128)).warnings().size());
    }

    /// One bad request per rule of the pipelines that the demo model lacks.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "pipeline":"distilled","guidance":{"video":{"cfg":2}}                                 | guidance         | conflict     |
            "pipeline":"distilled","schedule":"beta"                                              | schedule         | conflict     | distilled
            "pipeline":"distilled","steps":4                                                      | steps            | conflict     |
            "sampler":"cfg-plus-plus","guidance":{"video":{"skip_step":1},"audio":{"skip_step":2}} | guidance.audio.skip_step | conflict | 0
            "sampler":"cfg-plus-plus","output":{"sound_only":true},"guidance":{"audio":{"skip_step":2}} | guidance.audio.skip_step | conflict | 0
            "pipeline":"two-stage-hq","sampler":"euler"                                           | sampler          | conflict     | res-2s
            "pipeline":"two-stage","output":{"sound_only":true}                                   | pipeline         | conflict     | one-stage
            "pipeline":"two-stage","upsampler":"temporal-x2","frames":121                         | frames           | off-grid     | 113 or 129
            "pipeline":"two-stage","upsampler":"spatial-x1.5","width":800                         | width            | off-grid     | 768 or 864
            "pipeline":"two-stage","conditions":[{"type":"retake","source":"a","start":0,"end":1}]| conditions[0]    | conflict     |
            "pipeline":"two-stage","conditions":[{"type":"reference","source":"a"}]               | conditions[0]    | conflict     |
            "pipeline":"keyframes","conditions":[{"type":"audio","source":"a"}]                   | conditions[0]    | conflict     |
            "pipeline":"keyframes","conditions":[{"type":"image","source":"a"},{"type":"image","source":"b"}] | conditions[1].frame | repeated |
            "loras":[{"name":"third"},{"name":"third"}]                                           | loras[1].name    | repeated     |
            "loras":[{"name":"thrid"}]                                                            | loras[0].name    | unknown-name | third
            """)
    void refusesWhatAPipelineCannotDo(String fields, String field, String code, String nearest) {
        List<Problem> problems = refused(GPU_PLANNER, "{\"prompt\":\"x\",%s}".formatted(fields));
        assertEquals(1, problems.size(), problems::toString);
        Problem problem = problems.getFirst();
        assertEquals(List.of(field, code), List.of(problem.field(), problem.code()), problem::toString);
        assertEquals(nearest, problem.nearest(), problem::toString);
    }

    @Test
    void countsConditionsAsTheirAuthorDoes() {
        List<String> fields = refused(
                        PLANNER,
                        "{\"prompt\":\"x\",\"conditions\":[{\"type\":\"image\"},{\"type\":\"image\",\"source\":\"a\",\"strength\":2},"
                                + "{\"type\":\"image\",\"source\":\"b\",\"source\":\"c\"},{\"type\":\"audio\",\"source\":\"a\",\"start\":2,\"end\":1},"
                                + "{\"type\":\"image\",\"source\":\"d\",\"frame\":99}],"
                                + "\"loras\":[{\"strength\":1},{\"name\":\"n\"}]}")
                .stream()
                .map(Problem::field)
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "conditions[0].source",
                        "conditions[1].strength",
                        "conditions[2].source",
                        "conditions[3].end",
                        "conditions[4].frame",
                        "loras[0].name",
                        "loras[1].name"),
                fields);
    }

    /// What a client did not say is not held against them.
    @ParameterizedTest
    @CsvSource({"spatial-x2, 768, 512, 121", "spatial-x1.5, 768, 480, 121", "temporal-x2, 768, 512, 129"})
    void defaultsAreBroughtToThePipelinesGrid(String upsampler, int width, int height, int frames) {
        GenerationPlan.Video video = planned(
                        GPU_PLANNER,
                        "{\"prompt\":\"x\",\"pipeline\":\"two-stage\",\"upsampler\":\"%s\"}".formatted(upsampler))
                .video();
        assertEquals(List.of(width, height, frames), List.of(video.width(), video.height(), video.frames()));
        assertEquals(24, video.fps());
    }

    @Test
    void whatIsMadeAtOnceTakesOneStage() {
        ModelDefaults distilled = ModelDefaults.parse(
                "{\"width\":64,\"height\":64,\"frames\":9,\"fps\":8,\"steps\":2,\"pipeline\":\"distilled\"}"
                        .getBytes(StandardCharsets.UTF_8),
                "test");
        OfferedModel published = Models.published20();
        Planner planner =
                new Planner(List.of(new OfferedModel(published.description(), distilled, published.tokens())), GPU);
        assertEquals(Pipeline.DISTILLED, planned(planner, "{\"prompt\":\"x\"}").pipeline());
        for (String fields : List.of(
                "\"output\":{\"sound_only\":true}",
                "\"conditions\":[{\"type\":\"retake\",\"source\":\"a\",\"streams\":\"video\"}]")) {
            assertEquals(
                    Pipeline.ONE_STAGE,
                    planned(planner, "{\"prompt\":\"x\",%s}".formatted(fields)).pipeline());
        }
    }

    @Test
    void streamsThatAreGivenAreNotSteered() {
        String request = "{\"prompt\":\"x\",\"conditions\":[%s]}";
        StreamGuidance stock = planned(PLANNER, "{\"prompt\":\"x\"}").guidance().video();
        assertEquals(
                new Guidance(stock, StreamGuidance.OFF),
                planned(PLANNER, request.formatted("{\"type\":\"audio\",\"source\":\"a\"}"))
                        .guidance());
        assertEquals(
                new Guidance(stock, StreamGuidance.OFF),
                planned(PLANNER, request.formatted("{\"type\":\"retake\",\"source\":\"a\",\"streams\":\"video\"}"))
                        .guidance());
        assertEquals(
                new Guidance(StreamGuidance.OFF, stock),
                planned(PLANNER, request.formatted("{\"type\":\"retake\",\"source\":\"a\",\"streams\":\"audio\"}"))
                        .guidance());
    }

    @Test
    void referencesCountInTheFirstPhaseOnly() {
        String request =
                "{\"prompt\":\"x\",\"pipeline\":\"distilled\",\"width\":512,\"height\":512,%s\"loras\":[{\"name\":\"union-control\"}]}";
        long alone =
                planned(GPU_PLANNER, request.formatted("")).memory().denoise().activations();
        String reference = "\"conditions\":[{\"type\":\"reference\",\"source\":\"a\"%s}],";
        long followed = planned(GPU_PLANNER, request.formatted(reference.formatted("")))
                .memory()
                .denoise()
                .activations();
        assertEquals(alone, followed); // the second phase, four times larger, needs most
        long weighted = planned(GPU_PLANNER, request.formatted(reference.formatted(",\"attention\":0.5")))
                .memory()
                .denoise()
                .activations();
        assertTrue(weighted >= followed, () -> weighted + " " + followed);
        String oneStage = request.replace("distilled", "one-stage");
        assertTrue(planned(GPU_PLANNER, oneStage.formatted(reference.formatted("")))
                        .memory()
                        .denoise()
                        .activations()
                > planned(GPU_PLANNER, oneStage.formatted(""))
                        .memory()
                        .denoise()
                        .activations());
    }

    @Test
    void aFirstPhaseMustHoldTheReference() {
        String request =
                "{\"prompt\":\"x\",\"pipeline\":\"distilled\",\"width\":%d,\"height\":256,\"loras\":[{\"name\":\"union-control\"}],"
                        + "\"conditions\":[{\"type\":\"reference\",\"source\":\"a\"}]}";
        planned(GPU_PLANNER, request.formatted(384));
        Problem problem = refused(GPU_PLANNER, request.formatted(320)).getFirst();
        assertEquals(List.of("conditions[0]", "off-grid"), List.of(problem.field(), problem.code()));
    }

    @Test
    void soundAloneHasNoPicture() {
        GenerationPlan plan = planned(PLANNER, "{\"prompt\":\"x\",\"output\":{\"sound_only\":true},\"seconds\":2}");
        assertTrue(plan.soundOnly());
        assertEquals(0, plan.video().tokens());
        assertEquals(17, plan.video().frames());
        assertEquals(StreamGuidance.OFF, plan.guidance().video());
    }

    @Test
    void schedulesAreNamedAndBringTheirParameters() {
        assertEquals(
                new SchedulePlan.LinearQuadratic(4, 0.025),
                planned(PLANNER, "{\"prompt\":\"x\",\"schedule\":\"linear-quadratic\",\"steps\":9}")
                        .schedule());
        assertEquals(
                new SchedulePlan.Beta(0.6, 0.6),
                planned(PLANNER, "{\"prompt\":\"x\",\"schedule\":\"beta\",\"steps\":1}")
                        .schedule());
        GenerationPlan distilled = planned(PLANNER, "{\"prompt\":\"x\",\"schedule\":\"distilled\"}");
        assertEquals(new SchedulePlan.Distilled(), distilled.schedule());
        assertEquals(8, distilled.steps());
    }

    @Test
    void listsTheReadersProblemsTogetherWithTheModels() {
        List<Problem> problems = refused(
                PLANNER,
                "{\"prompt\":\"x\",\"fps\":500,\"height\":32,\"pipeline\":\"two-stage\",\"steps\":1,\"seed\":-1,\"loras\":[{\"name\":\"n\"}],"
                        + "\"negative_prompt\":\"" + "w ".repeat(2000) + "\"}");
        assertEquals(
                List.of("fps", "seed", "negative_prompt", "pipeline", "loras[0].name", "height", "steps"),
                problems.stream().map(Problem::field).toList());
    }

    @Test
    void acceptsExactlyAsManyTokensAsThereAreSlots() {
        planned(PLANNER, "{\"prompt\":\"" + "w ".repeat(1023) + "\"}");
        Problem problem =
                refused(PLANNER, "{\"prompt\":\"" + "w ".repeat(1024) + "\"}").getFirst();
        assertTrue(
                problem.value().startsWith("1024 tokens") && problem.allowed().equals("at most 1023 tokens"),
                problem::toString);
    }

    @Test
    void seedsOfAJobAreTheSameAgain() {
        JobId job = new JobId("job-17");
        assertEquals(DrawnSeed.of(job), DrawnSeed.of(job));
        assertNotEquals(DrawnSeed.of(job), DrawnSeed.of(new JobId("job-18")));
        assertTrue(DrawnSeed.of(job).bits() >= 0 && DrawnSeed.of(job).bits() < 1L << 53);
        assertEquals(
                new Seed(-1),
                planned(PLANNER, "{\"prompt\":\"x\",\"seed\":\"18446744073709551615\"}")
                        .noise()
                        .seed());
    }

    @Test
    void planIsReadBackFromItsJson() {
        for (String part : List.of(
                "\"schedule\":\"shifted\"",
                "\"schedule\":\"shifted-tokens\"",
                "\"schedule\":\"distilled\"",
                "\"schedule\":\"linear-quadratic\"",
                "\"schedule\":\"beta\"",
                "\"pipeline\":\"distilled\",\"noise_type\":\"bfloat16\"",
                "\"pipeline\":\"two-stage-hq\",\"loras\":[{\"name\":\"third\",\"strength\":-0.5}]",
                "\"conditions\":[{\"type\":\"retake\",\"source\":\"a.mp4\",\"streams\":\"video\"},"
                        + "{\"type\":\"keyframe\",\"source\":\"k.png\",\"frame\":3}],\"enhance_prompt\":\"sampled\"")) {
            GenerationPlan plan = planned(GPU_PLANNER, "{\"prompt\":\"x\",%s}".formatted(part));
            GenerationPlan again = GenerationPlan.parse(plan.toJson());
            assertEquals(plan, again);
            assertArrayEquals(plan.toJson(), again.toJson());
            assertEquals(plan.digest(), again.digest());
        }
        assertThrows(IllegalArgumentException.class, () -> GenerationPlan.parse("[]".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void digestIsThatOfTheClipNotOfTheDevice() {
        String request = "{\"prompt\":\"x\",\"seed\":1}";
        String digest = planned(PLANNER, request).digest();
        Planner other =
                new Planner(List.of(Models.demo()), new ComputeDevice("cuda:1", Precision.FLOAT32, Models.GIB, 4));
        assertEquals(digest, planned(other, request).digest());
        Planner rounded =
                new Planner(List.of(Models.demo()), new ComputeDevice("cpu", Precision.BFLOAT16, Models.GIB, 1));
        assertNotEquals(digest, planned(rounded, request).digest());
        assertNotEquals(
                digest, planned(PLANNER, "{\"prompt\":\"x\",\"seed\":2}").digest());
    }

    @Test
    void namesClipsThatWouldFit() {
        Problem problem = refused(GPU_PLANNER, "{\"prompt\":\"x\",\"width\":1920,\"height\":1088,\"frames\":2401}")
                .getFirst();
        assertEquals("does-not-fit", problem.code());
        assertTrue(
                problem.value().matches("1920x1088 with 2401 frames, \\d+\\.\\d\\d GiB for (denoise|decode)"),
                problem::toString);
        assertTrue(problem.allowed().contains("80.00 GiB"), problem::toString);
        Matcher sizes = Pattern.compile("(\\d+)x(\\d+) with (\\d+) frames").matcher(problem.nearest());
        int found = 0;
        while (sizes.find()) {
            found++;
            int width = Integer.parseInt(sizes.group(1));
            int height = Integer.parseInt(sizes.group(2));
            int frames = Integer.parseInt(sizes.group(3));
            planned(GPU_PLANNER, sized(width, height, frames));
            boolean shorter = frames < 2401;
            refused(GPU_PLANNER, shorter ? sized(width, height, frames + 8) : sized(width + 64, height + 64, frames));
            assertTrue(shorter || Math.abs((double) width / height - 1920.0 / 1088) < 0.2, problem::nearest);
        }
        assertEquals(2, found, problem::nearest);
    }

    @Test
    void weightsThatDoNotFitHaveNoNearestClip() {
        Planner small = new Planner(
                List.of(Models.published20()), new ComputeDevice("cuda:0", Precision.BFLOAT16, 24 * Models.GIB, 1));
        Problem problem = refused(small, "{\"prompt\":\"x\"}").getFirst();
        assertEquals("does-not-fit", problem.code());
        assertEquals(null, problem.nearest());
    }

    @Test
    void memoryGrowsAsTheSpecificationSays() {
        StageMemory memory = planned(GPU_PLANNER, "{\"prompt\":\"x\"}").memory();
        // 49 states of one prompt are 385 MB and their float32 copy is 771 MB; the transformer has 37.8 GB
        assertTrue(between(memory.textEncode().activations(), 1.156e9, 1.5e9), memory::toString);
        assertTrue(between(memory.denoise().bytes(), 37.8e9 + 2e9, 37.8e9 + 5e9), memory::toString);
        // one widest activation is 0.71 GiB, three of them and a window's work are alive
        assertTrue(
                between(memory.decode().activations(), 3 * 0.71 * Models.GIB, 4 * 0.71 * Models.GIB), memory::toString);
        Planner batched = new Planner(
                List.of(Models.published20()), new ComputeDevice("cuda:0", Precision.BFLOAT16, 80 * Models.GIB, 8));
        StageMemory together = planned(batched, "{\"prompt\":\"x\"}").memory();
        assertTrue(together.denoise().activations() > memory.denoise().activations(), together::toString);
        assertEquals(memory.decode(), together.decode());
    }

    @Test
    void plansOrRefusesWhateverIsCombined() {
        List<String> values = List.of(
                "1",
                "2",
                "8",
                "9",
                "17",
                "64",
                "96",
                "512",
                "768",
                "4096",
                "65537",
                "0.5",
                "3600",
                "\"one-stage\"",
                "\"two-stage\"",
                "\"distilled\"",
                "\"beta\"",
                "\"shifted\"",
                "\"res-2s\"",
                "\"cfg-plus-plus\"",
                "\"ltx-2.0\"",
                "\"two-stage-hq\"",
                "\"keyframes\"",
                "\"temporal-x2\"",
                "\"spatial-x1.5\"",
                "\"shifted-tokens\"",
                "\"greedy\"",
                "\"bfloat16\"",
                "{\"sound_only\":true}",
                "[{\"type\":\"image\",\"source\":\"a\"},{\"type\":\"keyframe\",\"source\":\"b\",\"frame\":8}]",
                "[{\"type\":\"audio\",\"source\":\"a\",\"end\":3}]",
                "[{\"type\":\"reference\",\"source\":\"a\",\"attention\":0}]",
                "[{\"type\":\"retake\",\"source\":\"a\",\"start\":0,\"end\":0.5},{\"type\":\"image\",\"source\":\"b\"}]",
                "[{\"name\":\"third\",\"strength\":0.5}]",
                "{\"video\":{\"cfg\":1,\"stg\":1},\"audio\":{\"cfg\":1}}",
                "{\"audio\":{\"stg\":0.5,\"blocks\":[3,47]}}",
                "\"\"");
        List<String> fields = List.of(
                "model",
                "pipeline",
                "width",
                "height",
                "frames",
                "seconds",
                "fps",
                "steps",
                "guidance",
                "sampler",
                "schedule",
                "seed",
                "negative_prompt",
                "upsampler",
                "conditions",
                "loras",
                "output",
                "noise_type",
                "enhance_prompt");
        Random random = new Random(7);
        int planned = 0;
        for (int round = 0; round < 20_000; round++) {
            StringJoiner json = new StringJoiner(",", "{\"prompt\":\"x\",", "}");
            fields.stream()
                    .filter(_ -> random.nextInt(7) == 0)
                    .forEach(field ->
                            json.add("\"%s\":%s".formatted(field, values.get(random.nextInt(values.size())))));
            Planner planner = random.nextBoolean() ? PLANNER : GPU_PLANNER;
            String text = json.toString().replace(",}", "}");
            switch (planner.plan(RequestReader.read(text.getBytes(StandardCharsets.UTF_8)), DrawnSeed::random)) {
                case PlanOutcome.Planned(GenerationPlan plan) -> {
                    planned++;
                    assertEquals(plan, GenerationPlan.parse(plan.toJson()), text);
                    assertEquals(1, plan.video().frames() % 8, text);
                    assertTrue(plan.audio().latentFrames() > 0, text);
                    assertTrue(plan.memory().most() <= planner.device().totalBytes(), text);
                }
                case PlanOutcome.Refused(List<Problem> problems) ->
                    assertTrue(
                            problems.stream()
                                    .noneMatch(problem -> problem.allowed().isBlank()),
                            text);
            }
        }
        assertTrue(planned > 500 && planned < 15_000, "planned: " + planned);
    }

    @Test
    void refusesAModelWhosePipelineItDoesNotOffer() {
        OfferedModel published = Models.published20();
        ModelDescription demo = Models.demo().description();
        ModelDefaults twoStage = ModelDefaults.parse(
                "{\"width\":64,\"height\":64,\"frames\":9,\"fps\":8,\"steps\":2,\"pipeline\":\"two-stage\"}"
                        .getBytes(StandardCharsets.UTF_8),
                "test");
        assertThrows(IllegalArgumentException.class, () -> new OfferedModel(demo, twoStage, published.tokens()));
        assertThrows(IllegalArgumentException.class, () -> new Planner(List.of(published, published), GPU));
        assertThrows(IllegalArgumentException.class, () -> new Planner(List.of(), GPU));
    }

    private static List<String> names(List<LoraPlan> loras) {
        return loras.stream().map(LoraPlan::name).toList();
    }

    private static boolean between(long bytes, double least, double most) {
        return bytes >= least && bytes <= most;
    }

    private static String sized(int width, int height, int frames) {
        return "{\"prompt\":\"x\",\"width\":%d,\"height\":%d,\"frames\":%d}".formatted(width, height, frames);
    }

    private static GenerationPlan planned(Planner planner, String json) {
        PlanOutcome outcome =
                planner.plan(RequestReader.read(json.getBytes(StandardCharsets.UTF_8)), () -> new Seed(77));
        return assertInstanceOf(PlanOutcome.Planned.class, outcome, outcome::toString)
                .plan();
    }

    private static List<Problem> refused(Planner planner, String json) {
        PlanOutcome outcome =
                planner.plan(RequestReader.read(json.getBytes(StandardCharsets.UTF_8)), () -> new Seed(77));
        return assertInstanceOf(PlanOutcome.Refused.class, outcome, outcome::toString)
                .problems();
    }
}
