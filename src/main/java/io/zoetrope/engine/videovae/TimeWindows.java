package io.zoetrope.engine.videovae;

import java.util.ArrayList;
import java.util.List;

/// Cuts the time axis, so that what a step of the decoder needs beside its input and its result stays small.
///
/// A step over windows gives the same result as a step over the whole clip: every window reads the neighbouring
/// frames that its convolution looks at. They are read twice, hence windows are not shorter than a few frames.
///
/// @param elements     of a window, roughly
/// @param fewestFrames of a window, whatever its size
record TimeWindows(long elements, int fewestFrames) {

    /// 16 MiB in float32.
    static final TimeWindows DEFAULT = new TimeWindows(1L << 22, 4);

    /// For steps that look at each frame by itself.
    static final TimeWindows FRAME_BY_FRAME = new TimeWindows(1L << 22, 1);

    /// Frames `start` … `end - 1`.
    record Window(long start, long end) {
        long frames() {
            return end - start;
        }
    }

    TimeWindows {
        if (elements < 1 || fewestFrames < 1) {
            throw new IllegalArgumentException("windows of %d elements, %d frames".formatted(elements, fewestFrames));
        }
    }

    /// Frames of a window.
    long length(long elementsPerFrame) {
        return Math.max(fewestFrames, elements / elementsPerFrame);
    }

    /// Windows over all `frames`, in order, each frame in one of them.
    List<Window> over(long frames, long elementsPerFrame) {
        long length = length(elementsPerFrame);
        List<Window> windows = new ArrayList<>();
        for (long start = 0; start < frames; start += length) {
            windows.add(new Window(start, Math.min(frames, start + length)));
        }
        return windows;
    }
}
