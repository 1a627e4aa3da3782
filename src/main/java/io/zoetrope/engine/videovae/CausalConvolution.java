package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TimeWindows.Window;
import io.zoetrope.engine.videovae.VideoVaeConfig.SpatialPadding;
import java.util.List;
import java.util.function.UnaryOperator;

/// A 3x3x3 convolution that pads time by copying border frames: two in front if it is causal, one on each side if
/// not.
///
/// What precedes it (norm, silu) is given along, and done window by window with the padding: a normalised and a
/// padded copy of the whole clip never exist.
final class CausalConvolution {

    private static final int KERNEL = 3;
    private static final int TIME = 2;
    private static final long[] STRIDE = {1, 1, 1};
    private static final long[] NO_PADDING = {0, 0, 0};
    private static final long[] ZEROS_AROUND = {0, 1, 1};

    private final Tensor weight; // [out, in, 3, 3, 3]
    private final Tensor bias; // [out]
    private final int framesBefore;
    private final int framesAfter;
    private final SpatialPadding padding;

    private CausalConvolution(Tensor weight, Tensor bias, Borders borders) {
        this.weight = weight;
        this.bias = bias;
        this.framesBefore = borders.causal() ? KERNEL - 1 : KERNEL / 2;
        this.framesAfter = KERNEL - 1 - framesBefore;
        this.padding = borders.spatial();
    }

    /// @param weights holds `conv.weight` and `conv.bias`
    static CausalConvolution load(long in, long out, Borders borders, Weights weights) {
        Weights convolution = weights.under("conv");
        return new CausalConvolution(
                convolution.tensor("weight", out, in, KERNEL, KERNEL, KERNEL),
                convolution.tensor("bias", out),
                borders);
    }

    /// Elements that a frame of `hidden` takes while it is convolved.
    ///
    /// @param hidden `[B, in, F, H, W]`
    long elementsPerFrame(Tensor hidden) {
        long[] shape = hidden.shape();
        return new ConvolutionWork(shape[0], shape[1], weight.size(0), shape[TIME], shape[3], shape[4])
                .elementsPerFrame();
    }

    /// @param hidden     `[B, in, F, H, W]`
    /// @param activation what is done to every position before; may return its argument
    /// @return `[B, out, F, H, W]`, new
    Tensor forward(Tensor hidden, UnaryOperator<Tensor> activation, TimeWindows windows) {
        long[] shape = hidden.shape();
        List<Window> cuts = windows.over(shape[TIME], elementsPerFrame(hidden));
        if (cuts.size() == 1) {
            return forward(hidden, activation, cuts.getFirst());
        }
        try (TensorScope scope = TensorScope.open()) {
            Tensor result = Tensor.empty(
                    hidden.type(), hidden.device(), shape[0], weight.size(0), shape[2], shape[3], shape[4]);
            for (Window window : cuts) {
                try (TensorScope _ = TensorScope.open()) {
                    result.narrow(TIME, window.start(), window.frames())
                            .copyInPlace(forward(hidden, activation, window));
                }
            }
            return scope.keep(result);
        }
    }

    /// The frames of one window.
    ///
    /// @return `[B, out, window, H, W]`, new
    Tensor forward(Tensor hidden, UnaryOperator<Tensor> activation, Window window) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = padded(hidden, activation, window);
            return scope.keep(padded.convolve3d(
                    weight, bias, STRIDE, padding == SpatialPadding.ZEROS ? ZEROS_AROUND : NO_PADDING));
        }
    }

    /// A convolution that leaves out positions: with a step of 2 every second frame, row or column is computed, the
    /// first one always.
    ///
    /// @param hidden `[B, in, F, H, W]`
    /// @return `[B, out, (F-1) div timeStep + 1, (H-1) div spaceStep + 1, (W-1) div spaceStep + 1]`, new
    Tensor stepping(Tensor hidden, long timeStep, long spaceStep) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor padded = padded(hidden, UnaryOperator.identity(), new Window(0, hidden.size(TIME)));
            return scope.keep(padded.convolve3d(
                    weight,
                    bias,
                    new long[] {timeStep, spaceStep, spaceStep},
                    padding == SpatialPadding.ZEROS ? ZEROS_AROUND : NO_PADDING));
        }
    }

    /// The frames that a window's convolution reads: its neighbours, or copies where the clip ends; and borders in
    /// space, unless they are zeros, which the convolution adds itself.
    private Tensor padded(Tensor hidden, UnaryOperator<Tensor> activation, Window window) {
        try (TensorScope scope = TensorScope.open()) {
            long first = Math.max(0, window.start() - framesBefore);
            long last = Math.min(hidden.size(TIME), window.end() + framesAfter);
            Tensor activated = activation.apply(hidden.narrow(TIME, first, last - first));
            Tensor inSpace =
                    padding == SpatialPadding.ZEROS ? activated : activated.pad(padding.mode(), 1, 1, 1, 1, 0, 0);
            long copiesBefore = framesBefore - (window.start() - first);
            long copiesAfter = framesAfter - (last - window.end());
            if (copiesBefore == 0 && copiesAfter == 0) {
                return scope.keep(inSpace);
            }
            return scope.keep(Tensor.concatenate(
                    TIME,
                    copies(inSpace.narrow(TIME, 0, 1), copiesBefore),
                    inSpace,
                    copies(inSpace.narrow(TIME, last - first - 1, 1), copiesAfter)));
        }
    }

    private static Tensor copies(Tensor frame, long count) {
        return frame.expand(frame.size(0), frame.size(1), count, frame.size(3), frame.size(4));
    }
}
