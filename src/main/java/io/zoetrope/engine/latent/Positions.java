package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import java.util.function.IntToDoubleFunction;

/// The interval `[start, end)` that every token covers, per axis, in float32 on the CPU: seconds in time,
/// pixels in space.
///
/// The integers are multiplied first and divided last. Source: docs/model/sampling.md, section 3, and
/// docs/model/conditioning.md, sections 2.2 and 2.3.
public final class Positions {

    private Positions() {}

    /// @param fps pixel frames per second, Hz
    /// @return `[1, 3, T, 2]`: axes time, height, width
    public static Tensor video(VideoShape shape, double fps, LatentScale scale) {
        return video(shape, frame -> pixelFrame(frame, scale) / (float) fps, scale.spatial());
    }

    /// Of pictures that stand at `pixelFrame` of the clip, wherever that is on the latent grid.
    ///
    /// @param still whether it is a single picture, which covers one pixel frame and not as many as a latent frame
    /// @return `[1, 3, T, 2]`
    public static Tensor keyframe(VideoShape shape, int pixelFrame, boolean still, double fps, LatentScale scale) {
        return video(
                shape,
                bound -> {
                    if (still) {
                        return (pixelFrame + bound) / (float) fps;
                    }
                    // the first latent frame stands for a single pixel frame only where the clip begins
                    float frame = pixelFrame == 0 ? pixelFrame(bound, scale) : (float) scale.temporal() * bound;
                    return (frame + pixelFrame) / (float) fps;
                },
                scale.spatial());
    }

    /// Of a clip that runs beside the target: smaller, or at a lower rate.
    ///
    /// @param spatialFactor  target size / reference size
    /// @param temporalFactor target fps / reference fps
    /// @param fps            of the target, Hz
    /// @return `[1, 3, T, 2]`
    public static Tensor reference(
            VideoShape shape, int spatialFactor, int temporalFactor, double fps, LatentScale scale) {
        float rate = (float) (fps / temporalFactor);
        float shift = (float) ((temporalFactor - 1) / fps);
        return video(
                shape, bound -> Math.max(0, pixelFrame(bound, scale) / rate - shift), scale.spatial() * spatialFactor);
    }

    /// @return `[1, 1, T, 2]`
    public static Tensor audio(AudioShape shape, LatentScale scale) {
        float[] bounds = new float[shape.frames() * 2];
        for (int frame = 0; frame < shape.frames(); frame++) {
            put(bounds, frame, seconds(frame, scale), seconds(frame + 1, scale));
        }
        return Tensor.of(bounds, 1, 1, shape.frames(), 2);
    }

    /// The middle of every interval.
    ///
    /// @param positions `[B, axes, T, 2]`
    /// @return `[B, axes, T]`
    public static Tensor middle(Tensor positions) {
        return positions
                .to(DataType.FLOAT32)
                .select(-1, 0)
                .plus(positions.select(-1, 1))
                .dividedBy(2);
    }

    /// @param seconds where a latent frame begins; the next one's begin is its end
    /// @param cell    pixels of a latent cell
    private static Tensor video(VideoShape shape, IntToDoubleFunction seconds, int cell) {
        int tokens = shape.tokens();
        float[] bounds = new float[3 * tokens * 2];
        int token = 0;
        for (int frame = 0; frame < shape.frames(); frame++) {
            float start = (float) seconds.applyAsDouble(frame);
            float end = (float) seconds.applyAsDouble(frame + 1);
            for (int row = 0; row < shape.height(); row++) {
                for (int column = 0; column < shape.width(); column++) {
                    put(bounds, token, start, end);
                    put(bounds, tokens + token, row * cell, (row + 1) * cell);
                    put(bounds, 2 * tokens + token, column * cell, (column + 1) * cell);
                    token++;
                }
            }
        }
        return Tensor.of(bounds, 1, 3, tokens, 2);
    }

    /// First pixel frame of a latent frame: the first latent frame stands for a single one.
    private static float pixelFrame(int frame, LatentScale scale) {
        return Math.max(0, scale.temporal() * frame + 1 - scale.temporal());
    }

    private static float seconds(int frame, LatentScale scale) {
        float melFrame = Math.max(0, scale.melFrames() * frame + 1 - scale.melFrames());
        return melFrame * scale.hopLength() / scale.sampleRate();
    }

    private static void put(float[] bounds, int token, float start, float end) {
        bounds[2 * token] = start;
        bounds[2 * token + 1] = end;
    }
}
