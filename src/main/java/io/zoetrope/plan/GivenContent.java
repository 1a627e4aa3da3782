package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import java.util.List;
import java.util.Optional;

/// What a plan adds to the memory of a clip from text alone.
///
/// @param conditions       resolved
/// @param references       how much smaller and slower references are
/// @param upsampler        between two phases, if there are two
/// @param touchedBytes     of weights that LoRAs change, which lie in memory twice
record GivenContent(
        List<Condition> conditions,
        ReferenceFactors references,
        Optional<ModelDescription.Upsampler> upsampler,
        long touchedBytes) {

    /// Frames that an encoder sees at once: longer clips are encoded in tiles of this many.
    private static final int ENCODED_FRAMES = 80;

    /// Tokens that stand behind the picture's: an image covers one latent frame, a clip up to all of them.
    ///
    /// @param video          of the phase
    /// @param withReferences whether the phase sees references
    long appendedTokens(GenerationPlan.Video video, boolean withReferences) {
        long frame = (long) video.latentHeight() * video.latentWidth();
        long tokens = 0;
        for (Condition condition : conditions) {
            tokens += switch (condition) {
                case Condition.Keyframe _ -> frame;
                case Condition.Video clip -> clip.frame().orElse(0) > 0 ? video.tokens() : 0;
                case Condition.Reference _ -> withReferences ? referenceTokens(video) : 0;
                case Condition.Image _, Condition.Audio _, Condition.Retake _ -> 0;
            };
        }
        return tokens;
    }

    private long referenceTokens(GenerationPlan.Video video) {
        long factor = (long) references.spatial() * references.spatial();
        // the first latent frame stands for one frame at any rate, so it is never thinned away
        long latentFrames = 1 + Math.ceilDiv(video.latentFrames() - 1, references.temporal());
        return latentFrames * video.latentHeight() * video.latentWidth() / factor;
    }

    /// Whether tokens see each other to different degrees, which takes a matrix.
    boolean needsAttentionMatrix() {
        return conditions.stream()
                .anyMatch(condition -> condition instanceof Condition.Reference reference
                        && reference.attention().orElse(1.0) < 1);
    }

    /// The last frame of the clip for which a picture or clip is given; 0 without any.
    int lastFrame() {
        return conditions.stream()
                .mapToInt(condition -> switch (condition) {
                    case Condition.Image image -> image.frame().orElse(0);
                    case Condition.Keyframe keyframe -> keyframe.frame();
                    case Condition.Video clip -> clip.frame().orElse(0);
                    case Condition.Audio _, Condition.Reference _, Condition.Retake _ -> 0;
                })
                .max()
                .orElse(0);
    }

    /// Pixel frames that the largest encoding holds at once; 0 without any.
    int encodedFrames(GenerationPlan.Video video) {
        int frames = 0;
        for (Condition condition : conditions) {
            frames = Math.max(
                    frames,
                    switch (condition) {
                        case Condition.Image _, Condition.Keyframe _ -> 1;
                        case Condition.Video _, Condition.Reference _, Condition.Retake _ ->
                            Math.min(ENCODED_FRAMES, video.frames());
                        case Condition.Audio _ -> 0;
                    });
        }
        return frames;
    }
}
