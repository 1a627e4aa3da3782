package io.zoetrope.plan;

import io.zoetrope.request.Condition;
import java.util.List;
import java.util.Optional;

/// What a plan adds to the memory of a clip from text alone.
///
/// @param conditions       resolved
/// @param referenceFactor  target size / reference size
/// @param upsampler        between two phases, if there are two
/// @param touchedBytes     of weights that LoRAs change, which lie in memory twice
record GivenContent(
        List<Condition> conditions,
        int referenceFactor,
        Optional<ModelDescription.Upsampler> upsampler,
        long touchedBytes) {

    /// Frames that an encoder sees at once: longer clips are encoded in tiles of this many.
    private static final int ENCODED_FRAMES = 80;

    /// Tokens that stand behind the picture's: an image covers one latent frame, a clip up to all of them.
    long appendedTokens(GenerationPlan.Video video) {
        long frame = (long) video.latentHeight() * video.latentWidth();
        long tokens = 0;
        for (Condition condition : conditions) {
            tokens += switch (condition) {
                case Condition.Keyframe _ -> frame;
                case Condition.Video clip -> clip.frame().orElse(0) > 0 ? video.tokens() : 0;
                case Condition.Reference _ -> video.tokens() / ((long) referenceFactor * referenceFactor);
                case Condition.Image _, Condition.Audio _, Condition.Retake _ -> 0;
            };
        }
        return tokens;
    }

    /// Whether tokens see each other to different degrees, which takes a matrix.
    boolean needsAttentionMatrix() {
        return conditions.stream()
                .anyMatch(condition -> condition instanceof Condition.Reference reference
                        && reference.attention().orElse(1.0) < 1);
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
