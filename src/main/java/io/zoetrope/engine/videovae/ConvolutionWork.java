package io.zoetrope.engine.videovae;

/// What one 3x3x3 convolution needs beside its input and its result. It runs window by window, so this is bounded
/// whatever the length of the clip.
///
/// The library's convolution brings input and result into a layout of its own, in which channels come in sixteens.
///
/// @param in     channels of the input
/// @param out    channels of the result
/// @param frames of the input, like `height` and `width`
record ConvolutionWork(long batch, long in, long out, long frames, long height, long width) {

    private static final long LAYOUT_CHANNELS = 16;

    /// Neighbours that a window reads on both sides together.
    private static final int BORDER_FRAMES = 2;

    /// Elements that one frame of a window takes in its widest form.
    long elementsPerFrame() {
        return positions() * Math.max(layoutChannels(in), layoutChannels(out));
    }

    /// Frames of a window.
    long window(TimeWindows windows) {
        return Math.min(frames, windows.length(elementsPerFrame()));
    }

    /// Elements alive at the fullest moment of a window: what is read, padded; the library's own copies; the result.
    long elements(TimeWindows windows) {
        long window = window(windows);
        long read = positions() * (window + BORDER_FRAMES);
        long written = positions() * window;
        long library = read * layoutChannels(in) + written * layoutChannels(out);
        long padding = 2 * read * in; // the activated frames and their padded copy
        return Math.max(padding, read * in + library + written * out);
    }

    private long positions() {
        return batch * height * width;
    }

    private static long layoutChannels(long channels) {
        return Math.ceilDiv(channels, LAYOUT_CHANNELS) * LAYOUT_CHANNELS;
    }
}
