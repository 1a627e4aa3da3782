package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.Tensor;
import java.util.Arrays;

/// Where a tile's result lies on one axis, `start` … `end - 1`, and over how many positions it is faded in and out.
///
/// @param fromZero whether it fades in from zero exactly, as it does in time
record Span(long start, long end, long leftRamp, long rightRamp, boolean fromZero) {

    Span {
        leftRamp = Math.min(leftRamp, end - start);
        rightRamp = Math.min(rightRamp, end - start);
    }

    /// @param scale positions of the result per latent
    static Span inSpace(Interval latents, int scale) {
        return new Span(
                latents.start() * scale,
                latents.end() * scale,
                latents.leftRamp() * scale,
                latents.rightRamp() * scale,
                false);
    }

    /// @param scale positions of the result per latent after the first, which gives one
    static Span inTime(Interval latents, int scale) {
        return new Span(
                latents.start() * scale,
                (latents.end() - 1) * scale + 1,
                latents.leftRamp() == 0 ? 0 : (latents.leftRamp() - 1) * scale + 1,
                latents.rightRamp() * scale,
                true);
    }

    long length() {
        return end - start;
    }

    /// Whether nothing is faded.
    boolean isPlain() {
        return leftRamp == 0 && rightRamp == 0;
    }

    /// The weight of every position, float32 `[length]` on the CPU.
    Tensor mask() {
        return Tensor.of(weights(), length());
    }

    float[] weights() {
        float[] weights = new float[Math.toIntExact(length())];
        Arrays.fill(weights, 1);
        for (int k = 0; k < leftRamp; k++) {
            weights[k] *= fromZero ? (float) k / leftRamp : (k + 1f) / (leftRamp + 1);
        }
        for (int k = 0; k < rightRamp; k++) {
            weights[weights.length - (int) rightRamp + k] *= (float) (rightRamp - k) / (rightRamp + 1);
        }
        return weights;
    }
}
