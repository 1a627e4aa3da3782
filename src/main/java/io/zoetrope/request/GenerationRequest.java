package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A wish for one clip, as its author wrote it: what was left out is absent here and decided by the plan.
///
/// Made by [RequestReader]; a field that was wrong is absent too, and a [Problem] says why.
/// Types, units and ranges: [RequestFields].
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record GenerationRequest(
        Optional<String> prompt,
        Optional<String> negativePrompt,
        Optional<String> model,
        Optional<Pipeline> pipeline,
        Optional<Upsampler> upsampler,
        Optional<Integer> width,
        Optional<Integer> height,
        Optional<Integer> frames,
        Optional<Double> seconds,
        Optional<Double> fps,
        Optional<Seed> seed,
        Optional<Integer> steps,
        Optional<Guidance> guidance,
        Optional<Sampler> sampler,
        Optional<Schedule> schedule,
        Optional<NoiseType> noiseType,
        Optional<Enhancement> enhancePrompt,
        List<Condition> conditions,
        List<Lora> loras,
        Optional<Output> output,
        Optional<Priority> priority,
        Optional<Instant> deadline,
        Optional<String> tenant,
        Map<String, String> metadata) {

    public static final String DEFAULT_TENANT = "default";

    public GenerationRequest {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        loras = loras == null ? List.of() : List.copyOf(loras);
        // sorted: the canonical form must not depend on the order in which a client wrote them
        metadata = metadata == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /// How strongly each stream is steered; what is absent is the model's default.
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Guidance(Optional<StreamGuidance> video, Optional<StreamGuidance> audio) {}

    /// The guidance of one stream, field by field.
    ///
    /// @param guidanceScale     classifier-free guidance; 1 is off
    /// @param perturbationScale guidance away from a pass with skipped self-attention (STG); 0 is off
    /// @param perturbedBlocks   the transformer blocks in which it is skipped, from 0
    /// @param rescale           how far the result's deviation is drawn back to the conditional one's, 0 to 1
    /// @param modalityScale     guidance away from picture and sound that do not see each other; 1 is off
    /// @param skipStep          steps that reuse the last guided result between two evaluations
    /// @param rule              how guidanceScale applies
    /// @param eta               of rule apg: factor of the part along the prediction; 1 leaves it
    /// @param threshold         of rule apg: greatest norm of the difference; 0 for no bound
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record StreamGuidance(
            @JsonProperty("cfg") Optional<Double> guidanceScale,
            @JsonProperty("stg") Optional<Double> perturbationScale,
            @JsonProperty("blocks") Optional<List<Integer>> perturbedBlocks,
            @JsonProperty("rescale") Optional<Double> rescale,
            @JsonProperty("modality") Optional<Double> modalityScale,
            @JsonProperty("skip_step") Optional<Integer> skipStep,
            @JsonProperty("rule") Optional<GuidanceRule> rule,
            @JsonProperty("eta") Optional<Double> eta,
            @JsonProperty("threshold") Optional<Double> threshold) {

        /// Nothing said about any of it.
        public static final StreamGuidance NONE = new StreamGuidance(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /// A low-rank change to the model's weights, by its registered name.
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Lora(String name, Optional<Double> strength) {}

    /// What is made.
    ///
    /// @param soundOnly    sound without picture
    /// @param contactSheet all frames side by side, beside the clip
    public record Output(
            boolean preview,
            @JsonProperty("contact_sheet") boolean contactSheet,

            @JsonProperty("sound_only") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean soundOnly) {

        public static final Output CLIP_ONLY = new Output(false, false, false);
    }

    public Priority priorityOrDefault() {
        return priority.orElse(Priority.NORMAL);
    }

    public String tenantOrDefault() {
        return tenant.orElse(DEFAULT_TENANT);
    }

    public Output outputOrDefault() {
        return output.orElse(Output.CLIP_ONLY);
    }

    /// The canonical JSON: the fields that are present, in the order of this record, metadata sorted by key.
    public byte[] toJson() {
        return CanonicalJson.write(this);
    }

    /// SHA-256 of the canonical JSON, in hexadecimal: two requests with the same digest ask for the same.
    public String digest() {
        return CanonicalJson.digest(toJson());
    }
}
