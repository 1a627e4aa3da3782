package io.zoetrope.plan;

import io.zoetrope.request.Upsampler;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/// From pixels and seconds to latents, for one model.
record LatentGeometry(ModelDescription model) {

    /// The number of frames `8k + 1` nearest to a duration, ties up; at least 1.
    static long framesOf(double seconds, double fps, int temporalScale) {
        // decimal arithmetic: 0.5 s at 10 Hz is exactly 5 frames, half way between 1 and 9
        BigDecimal frames = BigDecimal.valueOf(seconds).multiply(BigDecimal.valueOf(fps));
        BigDecimal latents =
                frames.subtract(BigDecimal.ONE).divide(BigDecimal.valueOf(temporalScale), 12, RoundingMode.HALF_UP);
        long nearest = latents.add(new BigDecimal("0.5"))
                .setScale(0, RoundingMode.FLOOR)
                .longValueExact();
        return Math.max(0, nearest) * temporalScale + 1;
    }

    /// Latent frames of the sound of a clip, halves to even; 0 if it is too short to have any.
    int audioLatentFrames(long frames, double fps) {
        return (int) Math.rint(frames / fps * model.audio().latentFramesPerSecond());
    }

    GenerationPlan.Video video(int width, int height, int frames, double fps) {
        ModelDescription.Video video = model.video();
        return new GenerationPlan.Video(
                width,
                height,
                frames,
                fps,
                video.latentChannels(),
                (frames - 1) / video.temporalScale() + 1,
                height / video.spatialScale(),
                width / video.spatialScale());
    }

    /// No picture, but a length.
    GenerationPlan.Video silhouette(int frames, double fps) {
        return video(0, 0, frames, fps);
    }

    /// The picture from which a clip is enlarged.
    GenerationPlan.Video base(GenerationPlan.Video whole, Upsampler upsampler) {
        return switch (upsampler) {
            case SPATIAL_X2 -> video(whole.width() / 2, whole.height() / 2, whole.frames(), whole.fps());
            case SPATIAL_X1_5 -> video(whole.width() / 3 * 2, whole.height() / 3 * 2, whole.frames(), whole.fps());
            case TEMPORAL_X2 -> video(whole.width(), whole.height(), (whole.frames() - 1) / 2 + 1, whole.fps() / 2);
        };
    }

    /// The side that a first phase's side grows to, on the grid.
    int grown(int side, Optional<Upsampler> upsampler) {
        int grid = grid(upsampler);
        double factor = upsampler.isEmpty()
                ? 1
                : switch (upsampler.get()) {
                    case SPATIAL_X2 -> 2;
                    case SPATIAL_X1_5 -> 1.5;
                    case TEMPORAL_X2 -> 1;
                };
        return (int) Math.round(side * factor / grid) * grid;
    }

    /// Whether the second phase has twice the frame rate.
    boolean isFaster(Optional<Upsampler> upsampler) {
        return upsampler.filter(kind -> kind == Upsampler.TEMPORAL_X2).isPresent();
    }

    /// Side lengths of pictures must be multiples of this, so that a first phase's latent has whole sides too.
    int grid(Optional<Upsampler> upsampler) {
        int cells = upsampler.isEmpty()
                ? 1
                : switch (upsampler.get()) {
                    case SPATIAL_X2 -> 2;
                    case SPATIAL_X1_5 -> 3;
                    case TEMPORAL_X2 -> 1;
                };
        return cells * model.video().spatialScale();
    }

    /// Frames must be 1 more than a multiple of this.
    int frameGrid(Optional<Upsampler> upsampler) {
        int scale = model.video().temporalScale();
        return isFaster(upsampler) ? 2 * scale : scale;
    }

    GenerationPlan.Audio audio(int frames, double fps) {
        ModelDescription.Audio audio = model.audio();
        int latentFrames = audioLatentFrames(frames, fps);
        long melFrames = melFrames(latentFrames);
        return new GenerationPlan.Audio(
                audio.latentChannels(),
                latentFrames,
                audio.latentBins(),
                audio.sampleRate(),
                melFrames * audio.samplesPerMelFrame());
    }

    /// The first latent frame gives one mel frame, the others four each.
    long melFrames(int latentFrames) {
        return Math.max(1, (latentFrames - 1L) * model.audio().melFramesPerLatentFrame() + 1);
    }
}
