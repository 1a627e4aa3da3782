package io.zoetrope.plan;

import static io.zoetrope.request.Field.optional;
import static io.zoetrope.request.Field.required;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.FieldType.Group;
import io.zoetrope.request.FieldType.Items;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Schedule;
import io.zoetrope.request.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a request gets that does not say otherwise. Lives in a file `defaults.json` beside a model, with the
/// names of a request's fields; for published models without one there are presets.
public record ModelDefaults(
        int width,
        int height,
        int frames,
        double fps,
        int steps,
        Pipeline pipeline,
        Sampler sampler,
        Schedule schedule,
        Guidance guidance,
        String negativePrompt,
        Optional<DistilledLora> distilledLora) {

    /// The LoRA that makes a model refine in few steps, for the second phase of guided pipelines.
    ///
    /// @param name         registered name
    /// @param strength     in the second phase of two-stage and keyframes
    /// @param hqStrengths  in both phases of two-stage-hq
    @JsonNaming(SnakeCaseStrategy.class)
    public record DistilledLora(String name, Optional<Double> strength, Optional<List<Double>> hqStrengths) {

        private static final List<Double> HQ_STRENGTHS = List.of(0.25, 0.5);

        double strengthOrDefault() {
            return strength.orElse(1.0);
        }

        /// @param phase 0 or 1
        double hqStrength(int phase) {
            return hqStrengths.orElse(HQ_STRENGTHS).get(phase);
        }
    }

    public static final String FILE_NAME = "defaults.json";

    private static final int MOST_BYTES = 256 * 1024;

    private static final Group FIELDS = new Group(
            required("width", RequestFields.SIZE, "pixels"),
            required("height", RequestFields.SIZE, "pixels"),
            required("frames", RequestFields.FRAMES, "length in frames"),
            required("fps", RequestFields.FRAMES_PER_SECOND, "frames per second"),
            required("steps", RequestFields.STEPS, "denoising steps"),
            required("pipeline", RequestFields.PIPELINE, "how the clip is made"),
            optional("sampler", RequestFields.SAMPLER, "rule of one denoising step; euler"),
            optional("schedule", RequestFields.SCHEDULE, "rule of the noise levels; shifted"),
            optional("guidance", RequestFields.GUIDANCE, "how strongly the prompt steers; what is left out is off"),
            optional("negative_prompt", RequestFields.NEGATIVE_PROMPT, "what guidance leads away from; empty"),
            optional(
                    "distilled_lora",
                    new Group(
                            required("name", RequestFields.NAME, "registered name"),
                            optional("strength", RequestFields.LORA_STRENGTH, "in a second phase; 1"),
                            optional(
                                    "hq_strengths",
                                    new Items(RequestFields.LORA_STRENGTH, 2, false),
                                    "in both phases of two-stage-hq; 0.25 and 0.5")),
                    "LoRA for the second phase of guided pipelines; without one they are not offered"));

    /// The file as it is written.
    @JsonNaming(SnakeCaseStrategy.class)
    private record Written(
            int width,
            int height,
            int frames,
            double fps,
            int steps,
            Pipeline pipeline,
            Optional<Sampler> sampler,
            Optional<Schedule> schedule,
            Optional<GenerationRequest.Guidance> guidance,
            Optional<String> negativePrompt,
            Optional<DistilledLora> distilledLora) {}

    /// The defaults of the model in `model`, a folder or file: its own, or the preset for its version.
    ///
    /// @throws IllegalArgumentException if its file is wrong; the message lists every problem
    public static ModelDefaults of(Path model, String modelVersion) throws IOException {
        Path file = Files.isDirectory(model) ? model.resolve(FILE_NAME) : model.resolveSibling(FILE_NAME);
        return Files.exists(file) ? parse(Files.readAllBytes(file), file.toString()) : preset(modelVersion);
    }

    /// The reference's settings for a published model.
    ///
    /// @param modelVersion as in the checkpoint's metadata, such as `2.3.1-dev`; empty if it has none
    public static ModelDefaults preset(String modelVersion) {
        String resource = ModelVersion.of(modelVersion).isAtLeast(2, 3) ? "defaults-2.3.json" : "defaults-2.0.json";
        try (InputStream stream = ModelDefaults.class.getResourceAsStream(resource)) {
            return parse(stream.readAllBytes(), resource);
        } catch (IOException e) {
            throw new UncheckedIOException("preset " + resource, e);
        }
    }

    /// @param origin where `json` comes from, for the message
    /// @throws IllegalArgumentException if anything is wrong; the message lists every problem
    public static ModelDefaults parse(byte[] json, String origin) {
        StrictJson.Checked checked = StrictJson.read(json, MOST_BYTES, FIELDS);
        List<Problem> problems = new ArrayList<>(checked.problems());
        Written written = CanonicalJson.read(checked.valid(), Written.class);
        Guidance guidance = Guidance.OFF.with(written.guidance());
        requireBlocks("video", guidance.video(), problems);
        requireBlocks("audio", guidance.audio(), problems);
        if (written.distilledLora()
                .flatMap(DistilledLora::hqStrengths)
                .filter(strengths -> strengths.size() != 2)
                .isPresent()) {
            problems.add(new Problem("distilled_lora.hq_strengths", "wrong-count", null, "two strengths", null));
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("defaults %s:%n%s"
                    .formatted(
                            origin,
                            problems.stream()
                                    .map(Problem::toString)
                                    .collect(Collectors.joining(System.lineSeparator()))));
        }
        return new ModelDefaults(
                written.width(),
                written.height(),
                written.frames(),
                written.fps(),
                written.steps(),
                written.pipeline(),
                written.sampler().orElse(Sampler.EULER),
                written.schedule().orElse(Schedule.SHIFTED),
                guidance,
                written.negativePrompt().orElse(""),
                written.distilledLora());
    }

    /// Perturbation without blocks to perturb would silently do nothing.
    static void requireBlocks(String stream, StreamGuidance guidance, List<Problem> problems) {
        if (guidance.needsPerturbedPass() && guidance.perturbedBlocks().isEmpty()) {
            String allowed = "the blocks to perturb, as stg is %s".formatted(guidance.perturbationScale());
            problems.add(new Problem("guidance.%s.blocks".formatted(stream), "missing", null, allowed, null));
        }
    }
}
