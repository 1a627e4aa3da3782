package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TimeWindows.Window;
import io.zoetrope.engine.videovae.VideoEncoderConfig.Block;
import java.util.function.UnaryOperator;

/// One entry of the encoder's block list.
sealed interface DownBlock {

    /// @param hidden `[B, C, F, H, W]`; the block may free it
    Tensor forward(Tensor hidden, TimeWindows windows);

    /// Width of the result.
    long channels();

    /// @param in width of what comes in
    static DownBlock load(Block block, long in, Borders borders, Weights weights) {
        long out = in * VideoEncoderConfig.multiplier(block);
        return switch (block) {
            case Block.Residual residual ->
                new Same(UpBlock.ResidualGroup.load(
                        new VideoVaeConfig.Block.Residual(residual.layers(), false), in, false, borders, weights));
            case Block.Widening _ ->
                new Same(new UpBlock.WidthChange(out, ResidualUnit.load(in, out, false, false, borders, weights)));
            case Block.Folding folding ->
                new Fold(
                        folding,
                        out,
                        CausalConvolution.load(in, out / folding.positions(), borders, weights.under("conv")));
            case Block.Striding striding -> Stride.load(striding, in, out, borders, weights);
            case Block.FrameAttention _ -> new Same(UpBlock.FrameAttention.load(in, weights));
        };
    }

    /// A block that is made alike in both directions.
    record Same(UpBlock block) implements DownBlock {

        @Override
        public Tensor forward(Tensor hidden, TimeWindows windows) {
            return block.forward(hidden, new Conditions(null, null, windows));
        }

        @Override
        public long channels() {
            return block.channels();
        }
    }

    /// A convolution to fewer channels, whose positions then become channels; beside it a skip that folds the
    /// input the same way and averages runs of channels.
    record Fold(Block.Folding block, long channels, CausalConvolution convolution) implements DownBlock {

        @Override
        public Tensor forward(Tensor hidden, TimeWindows windows) {
            try (TensorScope scope = TensorScope.open()) {
                // An even number of frames: the first latent frame stands for one pixel frame.
                Tensor input = block.time() ? Tensor.concatenate(2, hidden.narrow(2, 0, 1), hidden) : hidden;
                long[] shape = input.shape();
                Tensor folded = Tensor.empty(
                        input.type(),
                        input.device(),
                        shape[0],
                        channels,
                        shape[2] / block.timeStride(),
                        shape[3] / block.spaceStride(),
                        shape[4] / block.spaceStride());
                long elements = block.timeStride() * convolution.elementsPerFrame(input);
                for (Window window : windows.over(folded.size(2), elements)) {
                    try (TensorScope _ = TensorScope.open()) {
                        folded.narrow(2, window.start(), window.frames()).copyInPlace(part(input, window));
                    }
                }
                return scope.keep(folded);
            }
        }

        /// @param window of the result
        private Tensor part(Tensor input, Window window) {
            Window read = new Window(window.start() * block.timeStride(), window.end() * block.timeStride());
            Tensor part = fold(convolution.forward(input, UnaryOperator.identity(), read));
            Tensor skip = fold(input.narrow(2, read.start(), read.frames())); // [B, C · positions, …]
            long[] shape = skip.shape();
            Tensor averaged = skip.view(shape[0], channels, shape[1] / channels, shape[2], shape[3], shape[4])
                    .mean(2)
                    .squeeze(2);
            return part.plusInPlace(averaged);
        }

        /// Positions to channels, `[B, c, st · F, s · H, s · W]` to `[B, c · st · s · s, F, H, W]`.
        private Tensor fold(Tensor wide) {
            long[] shape = wide.shape();
            long time = block.timeStride();
            long space = block.spaceStride();
            return wide.reshape(
                            shape[0], shape[1], shape[2] / time, time, shape[3] / space, space, shape[4] / space, space)
                    .permute(0, 1, 3, 5, 7, 2, 4, 6)
                    .reshape(
                            shape[0],
                            shape[1] * block.positions(),
                            shape[2] / time,
                            shape[3] / space,
                            shape[4] / space);
        }
    }

    /// A convolution that steps over every second position. No release has it.
    record Stride(Block.Striding block, long channels, CausalConvolution convolution) implements DownBlock {

        static Stride load(Block.Striding block, long in, long out, Borders borders, Weights weights) {
            return new Stride(block, out, CausalConvolution.load(in, out, borders, weights));
        }

        @Override
        public Tensor forward(Tensor hidden, TimeWindows windows) {
            return convolution.stepping(hidden, block.time() ? 2 : 1, block.space() ? 2 : 1);
        }
    }
}
