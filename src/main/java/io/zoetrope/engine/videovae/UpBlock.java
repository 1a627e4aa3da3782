package io.zoetrope.engine.videovae;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.ScaledDotProductAttention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TimeWindows.Window;
import io.zoetrope.engine.videovae.VideoVaeConfig.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// One entry of the decoder's block list.
sealed interface UpBlock {

    /// @param hidden `[B, C, F, H, W]`; the block may free it
    Tensor forward(Tensor hidden, Conditions conditions);

    /// Width of the result.
    long channels();

    /// @param in width of what comes in
    static UpBlock load(Block block, long in, VideoVaeConfig config, Weights weights) {
        return switch (block) {
            case Block.Residual residual ->
                ResidualGroup.load(residual, in, config.timestepConditioning(), config.borders(), weights);
            case Block.Narrowing narrowing -> {
                long out = in / narrowing.multiplier();
                yield new WidthChange(
                        out, ResidualUnit.load(in, out, narrowing.injectNoise(), false, config.borders(), weights));
            }
            case Block.Expansion expansion -> Expand.load(expansion, in, config.borders(), weights);
            case Block.FrameAttention _ -> FrameAttention.load(in, weights);
        };
    }

    /// Residual units one after the other.
    record ResidualGroup(long channels, List<ResidualUnit> units, TimestepEmbedder embedder) implements UpBlock {

        private static final int MODULATION_ROWS = 4;

        static ResidualGroup load(
                Block.Residual block, long channels, boolean conditioned, Borders borders, Weights weights) {
            List<ResidualUnit> units = new ArrayList<>();
            for (int index = 0; index < block.layers(); index++) {
                units.add(ResidualUnit.load(
                        channels,
                        channels,
                        block.injectNoise(),
                        conditioned,
                        borders,
                        weights.under("res_blocks", index)));
            }
            return new ResidualGroup(
                    channels,
                    List.copyOf(units),
                    conditioned
                            ? TimestepEmbedder.load(MODULATION_ROWS * channels, weights.under("time_embedder"))
                            : null);
        }

        @Override
        public Tensor forward(Tensor hidden, Conditions conditions) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor embedding = embedder == null ? null : embedder.forward(conditions.timesteps(), hidden.type());
                Tensor current = hidden;
                for (ResidualUnit unit : units) {
                    Tensor next = unit.forward(current, embedding, conditions);
                    current.close(); // the widest tensors of the decoder: a unit's three are enough
                    current = next;
                }
                return scope.keep(current);
            }
        }
    }

    /// One residual unit that changes the width.
    record WidthChange(long channels, ResidualUnit unit) implements UpBlock {

        @Override
        public Tensor forward(Tensor hidden, Conditions conditions) {
            return unit.forward(hidden, null, conditions);
        }
    }

    /// A convolution to more channels, which then become more positions.
    record Expand(Block.Expansion block, long channels, CausalConvolution convolution) implements UpBlock {

        static Expand load(Block.Expansion block, long in, Borders borders, Weights weights) {
            long out = in / block.multiplier();
            return new Expand(
                    block, out, CausalConvolution.load(in, out * block.positions(), borders, weights.under("conv")));
        }

        @Override
        public Tensor forward(Tensor hidden, Conditions conditions) {
            long[] shape = hidden.shape();
            try (TensorScope scope = TensorScope.open()) {
                Tensor expanded = Tensor.empty(
                        hidden.type(),
                        hidden.device(),
                        shape[0],
                        channels,
                        frames(shape[2]),
                        shape[3] * block.spaceStride(),
                        shape[4] * block.spaceStride());
                long elements = convolution.elementsPerFrame(hidden);
                for (Window window : conditions.windows().over(shape[2], elements)) {
                    try (TensorScope _ = TensorScope.open()) {
                        place(expanded, window, part(hidden, window));
                    }
                }
                return scope.keep(expanded);
            }
        }

        /// @return `[B, channels, st · window, s · H, s · W]`
        private Tensor part(Tensor hidden, Window window) {
            Tensor part = spread(convolution.forward(hidden, UnaryOperator.identity(), window));
            if (!block.residual()) {
                return part;
            }
            Tensor skip = spread(hidden.narrow(2, window.start(), window.frames())); // [B, C / positions, …]
            return part.plus(skip.repeat(1, block.positions() / block.multiplier(), 1, 1, 1));
        }

        private void place(Tensor expanded, Window window, Tensor part) {
            long frames = frames(window.end()) - frames(window.start());
            expanded.narrow(2, frames(window.start()), frames)
                    .copyInPlace(part.narrow(2, part.size(2) - frames, frames));
        }

        /// Where the first `latentFrames` end: of a doubled clip the first frame is dropped, because the first
        /// latent
        /// frame stands for one pixel frame.
        private long frames(long latentFrames) {
            return block.time() ? Math.max(0, 2 * latentFrames - 1) : latentFrames;
        }

        /// Channels to positions, `[B, c · st · s · s, F, H, W]` to `[B, c, st · F, s · H, s · W]`.
        private Tensor spread(Tensor packed) {
            long[] shape = packed.shape();
            long time = block.timeStride();
            long space = block.spaceStride();
            long width = shape[1] / block.positions();
            return packed.reshape(shape[0], width, time, space, space, shape[2], shape[3], shape[4])
                    .permute(0, 1, 5, 2, 6, 3, 7, 4)
                    .reshape(shape[0], width, shape[2] * time, shape[3] * space, shape[4] * space);
        }
    }

    /// Attention of all positions of a frame to each other, one head. No release has it.
    record FrameAttention(long channels, Tensor gain, Tensor weight, Tensor bias, Tensor outWeight, Tensor outBias)
            implements UpBlock {

        private static final double SHORTEST = 1e-12;

        static FrameAttention load(long channels, Weights weights) {
            return new FrameAttention(
                    channels,
                    weights.tensor("norm.gamma", channels, 1, 1),
                    weights.tensor("to_qkv.weight", 3 * channels, channels, 1, 1),
                    weights.tensor("to_qkv.bias", 3 * channels),
                    weights.tensor("proj.weight", channels, channels, 1, 1),
                    weights.tensor("proj.bias", channels));
        }

        @Override
        public Tensor forward(Tensor hidden, Conditions conditions) {
            try (TensorScope scope = TensorScope.open()) {
                long[] shape = hidden.shape();
                long positions = shape[3] * shape[4];
                Tensor frames = hidden.transpose(1, 2).reshape(shape[0] * shape[2], shape[1], shape[3], shape[4]);
                Tensor length = frames.square().sum(1).sqrt().atLeast(SHORTEST);
                Tensor normalised =
                        frames.dividedBy(length).times(Math.sqrt(channels)).times(gain);
                Tensor[] parts = normalised
                        .convolve2d(weight, bias, 1, 1)
                        .reshape(shape[0] * shape[2], 1, 3 * channels, positions)
                        .transpose(2, 3)
                        .split(3, 3); // query, key, value: [B · F, 1, positions, C]
                Tensor attended =
                        ScaledDotProductAttention.attend(parts[0], parts[1], parts[2], null, 1 / Math.sqrt(channels));
                Tensor output = attended.transpose(2, 3)
                        .reshape(frames.shape())
                        .convolve2d(outWeight, outBias, 1, 1)
                        .reshape(shape[0], shape[2], shape[1], shape[3], shape[4])
                        .transpose(1, 2);
                return scope.keep(hidden.plus(output));
            }
        }
    }
}
