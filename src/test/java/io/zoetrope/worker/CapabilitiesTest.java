package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.media.DecodedMedia;
import io.zoetrope.media.MediaLimits;
import io.zoetrope.media.MediaReader;
import io.zoetrope.media.PngWriter;
import io.zoetrope.media.RgbFrames;
import io.zoetrope.media.Sound;
import io.zoetrope.media.WavWriter;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.BrokerResource;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a request can ask for, asked for on a real broker; judged by the latents that the stages hand on, before
/// anything is encoded.
@QuarkusTest
@TestProfile(TwoModels.class)
@WithTestResource(BrokerResource.class)
class CapabilitiesTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String RED = "A red circle moves left to right on a blue background with a high tone.";
    private static final String DEMO = "\"prompt\":\"" + RED + "\",\"seed\":7";
    private static final String TINY = "\"prompt\":\"a red circle\",\"model\":\"tiny\",\"seed\":5";

    /// One tensor of a stage's result.
    private record Values(long[] shape, float[] elements) {

        /// A part of axis 2, which is time in latents of picture and sound.
        float[] time(long start, long end) {
            int before = (int) (shape[0] * shape[1]);
            int after = (int) (elements.length / before / shape[2]);
            float[] part = new float[(int) (before * (end - start) * after)];
            for (int row = 0; row < before; row++) {
                System.arraycopy(
                        elements,
                        (int) ((row * shape[2] + start) * after),
                        part,
                        (int) (row * (end - start) * after),
                        (int) ((end - start) * after));
            }
            return part;
        }
    }

    /// How a job ended, and what its stages stored.
    private record Outcome(List<GenerationEvent> facts, Map<String, Values> given, Map<String, Values> latents) {

        GenerationEvent.Completed completed() {
            return assertInstanceOf(GenerationEvent.Completed.class, facts.getLast());
        }

        Values video() {
            return latents.get("video");
        }

        Values audio() {
            return latents.get("audio");
        }
    }

    @Inject
    ArtifactStore store;

    @TempDir
    Path folder;

    @Test
    void aGivenImageIsTheFirstFrame() throws IOException {
        String image = picture(demoClip("image"), 0);
        Outcome made = run(
                "image",
                "{%s,\"conditions\":[{\"type\":\"image\",\"source\":\"%s\",\"crf\":0}]}"
                        .formatted(DEMO.replace(":7", ":8"), image));
        Values given = made.given().get("given.0.picture.0");
        assertArrayEquals(new long[] {1, 128, 1, 3, 3}, given.shape());
        assertArrayEquals(given.elements(), made.video().time(0, 1));
        double quality = quality(artifact(image), made);
        System.out.printf("frame 0 against the given image: %.1f dB%n", quality);
        assertTrue(quality > 22, "PSNR " + quality);
    }

    @Test
    void aWeakImageIsOnlyANudge() throws IOException {
        String image = picture(demoClip("nudge"), 16);
        Outcome made = run(
                "nudge",
                "{%s,\"conditions\":[{\"type\":\"image\",\"source\":\"%s\",\"strength\":0.5}]}".formatted(DEMO, image));
        Values given = made.given().get("given.0.picture.0");
        assertFalse(Arrays.equals(given.elements(), made.video().time(0, 1)));
        Outcome without = run("nudge-none", "{%s}".formatted(DEMO));
        assertTrue(
                distance(given.elements(), made.video().time(0, 1))
                        < distance(given.elements(), without.video().time(0, 1)),
                "nearer to the image than without it");
    }

    @Test
    void keyframesGuideFromBesideTheClip() throws IOException {
        String image = picture(demoClip("keyframe"), 16);
        Outcome made = run(
                "keyframe",
                "{%s,\"conditions\":[{\"type\":\"keyframe\",\"source\":\"%s\",\"frame\":13}]}".formatted(DEMO, image));
        Outcome without = run("keyframe-none", "{%s}".formatted(DEMO));
        assertArrayEquals(without.video().shape(), made.video().shape(), "nothing appended is left");
        assertFalse(Arrays.equals(without.video().elements(), made.video().elements()));
    }

    @Test
    void aGivenClipGoesOn() throws IOException {
        String clip = demoClip("continued");
        Outcome made = run(
                "continued",
                "{%s,\"conditions\":[{\"type\":\"video\",\"source\":\"%s\",\"start\":0.9,\"end\":2.05}]}"
                        .formatted(DEMO.replace(":7", ":9"), clip));
        Values given = made.given().get("given.0.picture.0");
        assertEquals(2, given.shape()[2], "9 frames are 2 latent frames");
        assertArrayEquals(given.elements(), made.video().time(0, 2));
    }

    @Test
    void aRetakeKeepsWhatIsOutsideItsSpan() throws IOException {
        String clip = demoClip("retake");
        Outcome made = run(
                "retake",
                "{\"prompt\":\"A green square grows on a white background with a low tone.\",\"seed\":3,"
                        + "\"conditions\":[{\"type\":\"retake\",\"source\":\"%s\",\"start\":1.2,\"end\":1.6}]}"
                                .formatted(clip));
        Values picture = made.given().get("given.0.picture.0");
        Values sound = made.given().get("given.0.sound");
        // latent frames cover [0, 1/8) [1/8, 9/8) [9/8, 17/8) s; sound [4i-3, 4i+1) hundredths
        assertArrayEquals(picture.time(0, 2), made.video().time(0, 2));
        assertFalse(Arrays.equals(picture.time(2, 3), made.video().time(2, 3)));
        assertArrayEquals(sound.time(0, 30), made.audio().time(0, 30));
        assertFalse(Arrays.equals(sound.time(31, 40), made.audio().time(31, 40)));
        assertArrayEquals(sound.time(41, 53), made.audio().time(41, 53));
    }

    @Test
    void aSoundIsMadeForAGivenClip() throws IOException {
        Outcome made = run(
                "video-to-audio",
                "{%s,\"conditions\":[{\"type\":\"retake\",\"source\":\"%s\",\"streams\":\"audio\"}]}"
                        .formatted(DEMO.replace(":7", ":11"), demoClip("video-to-audio")));
        assertArrayEquals(
                made.given().get("given.0.picture.0").elements(), made.video().elements());
        assertFalse(Arrays.equals(
                made.given().get("given.0.sound").elements(), made.audio().elements()));
    }

    @Test
    void aPictureIsMadeForAGivenSoundWhichTheClipCarries() throws IOException {
        String sound = tone();
        Outcome made = run(
                "audio-to-video",
                "{%s,\"conditions\":[{\"type\":\"audio\",\"source\":\"%s\"}]}".formatted(DEMO, sound));
        assertArrayEquals(
                made.given().get("given.0.sound").elements(), made.audio().elements());
        Outcome without = run("audio-to-video-none", "{%s}".formatted(DEMO));
        assertFalse(Arrays.equals(without.video().elements(), made.video().elements()));
        try (DecodedMedia clip = decode(clip(made))) {
            Sound heard = clip.sound().orElseThrow().sound();
            assertEquals(48_000, heard.sampleRate(), "the given sound's, not the model's 24 kHz");
            assertEquals(440, frequency(heard), 1);
        }
    }

    @Test
    void aReferenceIsFollowedWithItsLora() throws IOException {
        String clip = clip(run("reference-source", "{%s}".formatted(TINY)));
        String reference = "{%s,\"loras\":[{\"name\":\"distilled-lora\"}],\"conditions\":["
                + "{\"type\":\"reference\",\"source\":\"" + clip + "\",\"attention\":%s}]}";
        Outcome half = run("reference", reference.formatted(TINY, "0.5"));
        Outcome whole = run("reference-whole", reference.formatted(TINY, "1"));
        assertArrayEquals(
                new long[] {1, 16, 2, 4, 4},
                half.given().get("given.0.picture.0").shape());
        assertFalse(Arrays.equals(half.video().elements(), whole.video().elements()));
    }

    @Test
    void soundAloneHasNoPicture() throws IOException {
        Outcome made = run("sound", "{%s,\"output\":{\"sound_only\":true}}".formatted(DEMO));
        assertEquals(List.of("audio"), List.copyOf(made.latents().keySet()));
        assertEquals("audio/wav", made.completed().artifacts().getLast().mediaType());
        try (DecodedMedia media = decode(clip(made))) {
            assertEquals(24_000, media.sound().orElseThrow().sound().sampleRate());
            assertEquals(2.09, media.sound().orElseThrow().seconds(), 0.01);
        }
    }

    @Test
    void theFirstOfTwoPhasesIsASmallerClip() {
        Outcome small = run("small", "{%s,\"width\":64,\"height\":64}".formatted(TINY));
        Outcome refined = run("two-stage", "{%s,\"pipeline\":\"two-stage\"}".formatted(TINY));
        assertArrayEquals(new long[] {1, 16, 2, 4, 4}, refined.video().shape());
        assertArrayEquals(small.audio().elements(), refined.audio().elements(), "the sound is the first phase's");
        assertEquals(6, steps(refined), "three guided steps and three that refine");
    }

    @ParameterizedTest
    @CsvSource({"distilled, 11", "keyframes, 6", "two-stage-hq, 20"})
    void otherPipelinesRefineToo(String pipeline, int steps) throws IOException {
        String image = picture(clip(run(pipeline + "-image", "{%s}".formatted(TINY))), 0);
        Outcome made = run(
                pipeline,
                "{%s,\"pipeline\":\"%s\",\"conditions\":[{\"type\":\"image\",\"source\":\"%s\"}]}"
                        .formatted(TINY, pipeline, image));
        assertEquals(steps, steps(made));
        assertArrayEquals(
                new long[] {1, 16, 1, 2, 2},
                made.given().get("given.0.picture.0").shape());
        Values whole = made.given().get("given.0.picture.1");
        assertArrayEquals(new long[] {1, 16, 1, 4, 4}, whole.shape(), "encoded again at the second phase's size");
        boolean kept = Arrays.equals(whole.elements(), made.video().time(0, 1));
        assertEquals(!pipeline.equals("keyframes"), kept, "keyframes only guide");
    }

    @Test
    void lorasChangeTheClipByTheirStrength() {
        String request = "{%s,\"loras\":[{\"name\":\"distilled-lora\",\"strength\":%s}]}";
        Outcome base = run("lora-base", "{%s}".formatted(TINY));
        Outcome none = run("lora-none", request.formatted(TINY, "0"));
        Outcome full = run("lora-full", request.formatted(TINY, "1"));
        Outcome again = run("lora-again", "{%s}".formatted(TINY));
        assertArrayEquals(base.video().elements(), none.video().elements());
        assertFalse(Arrays.equals(base.video().elements(), full.video().elements()));
        assertArrayEquals(base.video().elements(), again.video().elements(), "the base is untouched");
    }

    @ParameterizedTest
    @ValueSource(strings = {"greedy", "sampled"})
    void anEnhancedPromptIsToldAndUsed(String how) {
        Outcome made = run("enhanced", "{%s,\"enhance_prompt\":\"%s\",\"steps\":2}".formatted(DEMO, how));
        var told = made.facts().stream()
                .filter(GenerationEvent.PromptEnhanced.class::isInstance)
                .map(GenerationEvent.PromptEnhanced.class::cast)
                .findFirst()
                .orElseThrow();
        assertTrue(told.rewritten(), told::toString);
        Outcome plain = run("enhanced-plain", "{%s,\"steps\":2}".formatted(DEMO));
        assertFalse(Arrays.equals(
                plain.given().get("positive.video").elements(),
                made.given().get("positive.video").elements()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"shifted-tokens", "linear-quadratic", "beta", "distilled"})
    void schedulesDiffer(String schedule) {
        Outcome stock = run("schedule", "{%s}".formatted(TINY));
        Outcome other = run("schedule-" + schedule, "{%s,\"schedule\":\"%s\"}".formatted(TINY, schedule));
        assertFalse(Arrays.equals(stock.video().elements(), other.video().elements()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gradient-estimation", "ancestral-euler", "cfg-plus-plus", "res-2s"})
    void samplersDiffer(String sampler) {
        Outcome stock = run("sampler", "{%s}".formatted(TINY));
        Outcome other = run("sampler-" + sampler, "{%s,\"sampler\":\"%s\"}".formatted(TINY, sampler));
        assertFalse(Arrays.equals(stock.video().elements(), other.video().elements()));
    }

    @Test
    void noiseIsDrawnAsAsked() {
        Outcome stock = run("noise", "{%s}".formatted(TINY));
        Outcome other = run("noise-bfloat16", "{%s,\"noise_type\":\"bfloat16\"}".formatted(TINY));
        assertFalse(Arrays.equals(stock.video().elements(), other.video().elements()));
    }

    @Test
    void aSourceThatDoesNotSuitFailsTheRequestWithItsField() throws IOException {
        String request = "{%s,\"conditions\":[{\"type\":\"image\",\"source\":\"%s\"}]}";
        assertEquals("source-refused", failure("absent", request.formatted(DEMO, "inputs/absent.png")));
        assertEquals("source-refused", failure("elsewhere", request.formatted(DEMO, "file:/etc/hostname")));
        assertEquals("bad-condition", failure("no-picture", request.formatted(DEMO, tone())));
        assertEquals(
                "bad-condition",
                failure(
                        "other-rate",
                        "{%s,\"conditions\":[{\"type\":\"video\",\"source\":\"%s\"}]}"
                                .formatted(TINY, demoClip("other-rate"))));
    }

    private String failure(String name, String request) {
        Outcome outcome = run(name, request);
        var failed =
                assertInstanceOf(GenerationEvent.Failed.class, outcome.facts().getLast());
        assertTrue(failed.detail().startsWith("conditions[0].source"), failed::detail);
        assertFalse(failed.retryable());
        return failed.code();
    }

    private Outcome run(String name, String request) {
        JobId job = new JobId(name + "-" + System.nanoTime());
        try (RequestPublisher publisher = new RequestPublisher(SharedBroker.client(), Topics.DEFAULT, "/test")) {
            publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
        }
        List<GenerationEvent> facts = Facts.untilTheEnd(SharedBroker.client(), job, PATIENCE);
        if (facts.getLast() instanceof GenerationEvent.Rejected rejected) {
            throw new AssertionError(request + ": " + rejected.problems());
        }
        return new Outcome(facts, stored(facts, Stage.TEXT_ENCODE), stored(facts, Stage.DENOISE));
    }

    /// The tensors that a stage stored; none if it did not come to an end.
    private Map<String, Values> stored(List<GenerationEvent> facts, Stage stage) {
        Map<String, Values> tensors = new TreeMap<>();
        facts.stream()
                .filter(fact -> fact instanceof GenerationEvent.StageCompleted done && done.stage() == stage)
                .map(GenerationEvent.StageCompleted.class::cast)
                .findFirst()
                .ifPresent(done -> {
                    String key = done.artifacts().getFirst().key();
                    try (SafetensorsFile file = SafetensorsFile.of(Path.of(key), artifact(key));
                            TensorScope _ = TensorScope.open()) {
                        file.entries().keySet().forEach(name -> {
                            var tensor = file.tensor(name);
                            tensors.put(name, new Values(tensor.shape(), tensor.toFloatArray()));
                        });
                    }
                });
        return tensors;
    }

    private static long steps(Outcome outcome) {
        return outcome.facts().stream()
                .filter(GenerationEvent.StepCompleted.class::isInstance)
                .count();
    }

    private byte[] artifact(String key) {
        return store.read(new ArtifactKey(key)).await().indefinitely();
    }

    /// The key of what the job was made for.
    private static String clip(Outcome outcome) {
        return outcome.completed().artifacts().stream()
                .map(reference -> reference.key())
                .filter(key -> key.endsWith(".mp4") || key.endsWith(".wav"))
                .findFirst()
                .orElseThrow();
    }

    private String demoClip(String name) {
        return clip(run(name + "-source", "{%s}".formatted(DEMO)));
    }

    private DecodedMedia decode(String key) throws IOException {
        Path file = Files.write(folder.resolve(Long.toString(System.nanoTime())), artifact(key));
        return new MediaReader(MediaLimits.DEFAULT).decode(file);
    }

    /// Stores a frame of a clip as PNG.
    private String picture(String clip, int frame) throws IOException {
        try (DecodedMedia media = decode(clip)) {
            Path file = folder.resolve("frame.png");
            PngWriter.write(file, media.video().orElseThrow().frames(), frame);
            return store(file, "png");
        }
    }

    /// Stores three seconds of a tone of 440 Hz at 48 kHz.
    private String tone() throws IOException {
        int rate = 48_000;
        try (Arena arena = Arena.ofConfined()) {
            Sound sound = Sound.allocate(arena, 1, 3 * rate, rate);
            for (int index = 0; index < sound.length(); index++) {
                float value = (float) (0.5 * Math.sin(2 * Math.PI * 440 * index / rate));
                sound.samples().setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
            }
            Path file = folder.resolve("tone.wav");
            WavWriter.write(file, sound);
            return store(file, "wav");
        }
    }

    private String store(Path file, String ending) {
        ArtifactKey key = new ArtifactKey("inputs/%d.%s".formatted(System.nanoTime(), ending));
        store.write(key, file).await().indefinitely();
        return key.value();
    }

    /// Peak signal-to-noise ratio of the first frame and a picture, dB.
    private double quality(byte[] picture, Outcome made) throws IOException {
        Path file = Files.write(folder.resolve("given.png"), picture);
        try (DecodedMedia given = new MediaReader(MediaLimits.DEFAULT).decode(file);
                DecodedMedia clip = decode(clip(made))) {
            RgbFrames expected = given.video().orElseThrow().frames();
            RgbFrames found = clip.video().orElseThrow().frames().range(0, 1);
            double squares = 0;
            for (long index = 0; index < expected.rgb().byteSize(); index++) {
                double difference = (expected.rgb().get(ValueLayout.JAVA_BYTE, index) & 255)
                        - (found.rgb().get(ValueLayout.JAVA_BYTE, index) & 255);
                squares += difference * difference;
            }
            return 10 * Math.log10(255.0 * 255.0 * expected.rgb().byteSize() / squares);
        }
    }

    private static double frequency(Sound sound) {
        int crossings = 0;
        for (int index = 1; index < sound.length(); index++) {
            crossings += sound.sample(0, index - 1) < 0 && sound.sample(0, index) >= 0 ? 1 : 0;
        }
        return crossings / sound.seconds();
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int index = 0; index < one.length; index++) {
            sum += (one[index] - other[index]) * (double) (one[index] - other[index]);
        }
        return Math.sqrt(sum);
    }
}
