package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TimeWindows.Window;
import java.util.List;

/// Pixels as a screen shows them.
public final class ColourLevels {

    private static final int LEVELS = 255;

    private ColourLevels() {}

    /// @param video `[1, 3, F, H, W]` in [-1, 1]
    /// @return uint8 `[F, H, W, 3]`, contiguous, on the CPU
    public static Tensor of(Tensor video) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor clip = video.select(0, 0); // [3, F, H, W]
            Tensor frames =
                    Tensor.empty(DataType.UINT8, Device.CPU, clip.size(1), clip.size(2), clip.size(3), clip.size(0));
            for (Window window : windows(video)) {
                try (TensorScope _ = TensorScope.open()) {
                    frames.narrow(0, window.start(), window.frames())
                            .copyInPlace(levels(clip.narrow(1, window.start(), window.frames())));
                }
            }
            return scope.keep(frames);
        }
    }

    /// The same a few frames at a time.
    ///
    /// @param video `[1, 3, F, H, W]` in [-1, 1]
    public static <E extends Exception> void inPieces(Tensor video, ChunkSink<E> pieces) throws E {
        for (Window window : windows(video)) {
            try (TensorScope _ = TensorScope.open()) {
                pieces.accept(of(video.narrow(2, window.start(), window.frames())));
            }
        }
    }

    private static List<Window> windows(Tensor video) {
        return TimeWindows.FRAME_BY_FRAME.over(video.size(2), video.size(1) * video.size(3) * video.size(4));
    }

    /// @return uint8 `[F, H, W, 3]`, rounded to the nearest level
    private static Tensor levels(Tensor frames) {
        return frames.to(DataType.FLOAT32)
                .plus(1)
                .dividedBy(2)
                .clamp(0, 1)
                .times(LEVELS)
                .round()
                .to(DataType.UINT8)
                .permute(1, 2, 3, 0);
    }
}
