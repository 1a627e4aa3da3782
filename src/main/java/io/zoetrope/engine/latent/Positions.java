package io.zoetrope.engine.latent;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;

/// The interval `[start, end)` that every token covers, per axis, in float32 on the CPU: seconds in time,
/// pixels in space.
///
/// The integers are multiplied first and divided last. Source: docs/model/sampling.md, section 3.
public final class Positions {

    private Positions() {}

    /// @param fps pixel frames per second, Hz
    /// @return `[1, 3, T, 2]`: axes time, height, width
    public static Tensor video(VideoShape shape, double fps, LatentScale scale) {
        int tokens = shape.tokens();
        float[] bounds = new float[3 * tokens * 2];
        int token = 0;
        for (int frame = 0; frame < shape.frames(); frame++) {
            float start = pixelFrame(frame, scale) / (float) fps;
            float end = pixelFrame(frame + 1, scale) / (float) fps;
            for (int row = 0; row < shape.height(); row++) {
                for (int column = 0; column < shape.width(); column++) {
                    put(bounds, token, start, end);
                    put(bounds, tokens + token, row * scale.spatial(), (row + 1) * scale.spatial());
                    put(bounds, 2 * tokens + token, column * scale.spatial(), (column + 1) * scale.spatial());
                    token++;
                }
            }
        }
        return Tensor.of(bounds, 1, 3, tokens, 2);
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
