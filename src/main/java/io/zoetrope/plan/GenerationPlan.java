package io.zoetrope.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.Condition;
import io.zoetrope.request.Enhancement;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Sampler;
import io.zoetrope.request.Seed;
import java.util.List;
import java.util.Optional;

/// Everything that decides a clip, nothing left open: the same plan makes the same clip again.
///
/// `schedule`, `steps`, `sampler`, `guidance` and `loras` are those of the first phase, or the only one.
///
/// @param passesAtOnce guidance passes that go through the transformer as one batch, at most; the number changes
///                    the last bits of a clip
/// @param video       the final picture; of height and width 0 for sound alone
/// @param soundOnly   whether there is no picture
/// @param conditions  with nothing left open, in the order in which they apply
/// @param refinement  the second phase; null if there is none
/// @param enhancement whether the text model rewrites the prompt first
/// @param warnings    what the author of the request should know
/// @param tiling      in which the picture is decoded; null to decode it as a whole
/// @param memory what it is predicted to need on the device it was made for; no part of the digest
@JsonNaming(SnakeCaseStrategy.class)
public record GenerationPlan(
        String prompt,
        String negativePrompt,
        Model model,
        Pipeline pipeline,
        Video video,
        Audio audio,
        Noise noise,
        Precision precision,
        int steps,
        SchedulePlan schedule,
        Sampler sampler,
        Guidance guidance,
        int passesAtOnce,
        boolean soundOnly,
        List<Condition> conditions,
        List<LoraPlan> loras,
        Refinement refinement,
        Enhancement enhancement,
        List<String> warnings,
        DecodeTiles tiling,
        StageMemory memory) {

    public GenerationPlan {
        passesAtOnce = Math.max(1, passesAtOnce); // plans from before there were batches say nothing of it
        conditions = List.copyOf(conditions);
        loras = List.copyOf(loras);
        warnings = List.copyOf(warnings);
    }

    /// The weights: registered name, version of the checkpoint, digest of its files.
    public record Model(String name, String version, String digest) {}

    /// The picture: size in pixels, rate in Hz, and its latent `[B, C, F, H, W]`.
    @JsonNaming(SnakeCaseStrategy.class)
    public record Video(
            int width,
            int height,
            int frames,
            double fps,
            int latentChannels,
            int latentFrames,
            int latentHeight,
            int latentWidth) {

        /// Tokens of the transformer's video stream.
        public long tokens() {
            return (long) latentFrames * latentHeight * latentWidth;
        }
    }

    /// The sound: its latent `[B, Z, T, M]`, and the samples per channel that come out.
    @JsonNaming(SnakeCaseStrategy.class)
    public record Audio(int latentChannels, int latentFrames, int latentBins, int sampleRate, long samples) {

        /// Tokens of the transformer's audio stream.
        public long tokens() {
            return latentFrames;
        }
    }

    /// Where the noise comes from.
    ///
    /// @param layout shape in which it is drawn: `tokens` is `[1, T, C]`, video first
    /// @param type   element type in which it is drawn
    /// @param device whose generator draws it
    public record Noise(Seed seed, String layout, Precision type, String device) {

        /// Our rule: whatever the device that computes, tokens from the CPU's generator.
        static Noise of(Seed seed, Precision type) {
            return new Noise(seed, "tokens", type, "cpu");
        }
    }

    /// The given sound that the picture is made for and the result carries, if there is one.
    public Optional<Condition.Audio> givenSound() {
        return conditions.stream()
                .filter(Condition.Audio.class::isInstance)
                .map(Condition.Audio.class::cast)
                .findFirst();
    }

    /// The canonical JSON, memory included.
    public byte[] toJson() {
        return CanonicalJson.write(this);
    }

    /// Reads what [#toJson] wrote.
    ///
    /// @throws IllegalArgumentException if `json` is no plan
    public static GenerationPlan parse(byte[] json) {
        return CanonicalJson.read(json, GenerationPlan.class);
    }

    /// SHA-256 of all that decides the clip, in hexadecimal. Memory does not, unless it makes tiles necessary:
    /// workers on different devices that would make the same clip name it the same.
    public String digest() {
        StageMemory.Use none = new StageMemory.Use(0, 0, 0);
        return CanonicalJson.digest(new GenerationPlan(
                        prompt,
                        negativePrompt,
                        model,
                        pipeline,
                        video,
                        audio,
                        noise,
                        precision,
                        steps,
                        schedule,
                        sampler,
                        guidance,
                        passesAtOnce,
                        soundOnly,
                        conditions,
                        loras,
                        refinement,
                        enhancement,
                        List.of(),
                        tiling,
                        new StageMemory(none, none, none))
                .toJson());
    }
}
