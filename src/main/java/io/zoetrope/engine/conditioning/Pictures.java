package io.zoetrope.engine.conditioning;

import static io.zoetrope.engine.tensor.Tensor.ANY;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;

/// Given pictures in the size and range that the video encoder expects. Formulas: docs/model/conditioning.md, 4.1.
public final class Pictures {

    private static final int CHANNELS = 3;

    /// Colour levels 0 to 255 become -1 to 1.
    private static final double HALF_RANGE = 127.5;

    private Pictures() {}

    /// Scales pictures until they cover `height` x `width`, and cuts what hangs over on both sides alike.
    ///
    /// Bilinear between the centres of pixels, and not smoothed when it shrinks: the model was trained on that.
    ///
    /// @param frames uint8 `[F, H, W, 3]`, RGB, each side at least 1
    /// @param height pixels, at least 1
    /// @param width  pixels, at least 1
    /// @return float32 `[1, 3, F, height, width]` in -1 to 1, on the device of `frames`
    public static Tensor fit(Tensor frames, int height, int width) {
        frames.requireShape("frames", ANY, ANY, ANY, CHANNELS);
        if (frames.type() != DataType.UINT8 || frames.count() == 0) {
            throw new IllegalArgumentException("frames %s, expected UINT8 pictures".formatted(frames));
        }
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("size %dx%d, expected at least 1x1 pixels".formatted(width, height));
        }
        try (TensorScope scope = TensorScope.open()) {
            Device device = frames.device();
            Tensor fitted = Tensor.empty(DataType.FLOAT32, device, 1, CHANNELS, frames.size(0), height, width);
            for (long frame = 0; frame < frames.size(0); frame++) {
                fitFrame(frames.narrow(0, frame, 1), fitted.select(2, frame));
            }
            return scope.keep(fitted);
        }
    }

    /// @param frame  uint8 `[1, H, W, 3]`
    /// @param fitted `[1, 3, height, width]`, to be filled
    private static void fitFrame(Tensor frame, Tensor fitted) {
        try (TensorScope _ = TensorScope.open()) {
            long height = fitted.size(2);
            long width = fitted.size(3);
            double scale = Math.max((double) height / frame.size(1), (double) width / frame.size(2));
            Tensor levels = frame.permute(0, 3, 1, 2).to(DataType.FLOAT32).contiguous(); // [1, 3, H, W]
            Tensor covering = levels.resizeBilinear(scaled(frame.size(1), scale), scaled(frame.size(2), scale));
            Tensor cropped = crop(crop(covering, 2, height), 3, width); // [1, 3, height, width]
            fitted.copyInPlace(cropped.dividedBy(HALF_RANGE).minus(1));
        }
    }

    private static long scaled(long length, double scale) {
        return (long) Math.ceil(length * scale);
    }

    private static Tensor crop(Tensor picture, int axis, long length) {
        return picture.narrow(axis, (picture.size(axis) - length) / 2, length);
    }
}
