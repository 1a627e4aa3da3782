package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;

/// The middle of the network: channels become positions.
///
/// Source: docs/model/latent-upsampler.md, section 3.
sealed interface Enlargement {

    /// @param hidden `[B, M, F, H, W]`
    Tensor forward(Tensor hidden);

    static Enlargement load(UpsamplerConfig config, Weights weights) {
        return switch (config.variant()) {
            case SHUFFLED_SPACE -> InSpace.load(config, weights.under("0"));
            case RATIONAL_SPACE -> ByFraction.load(config, weights);
            case SHUFFLED_TIME -> new InTime(Convolution.load(config.width(), 2L * config.width(), weights.under("0")));
        };
    }

    /// Each frame by a whole factor.
    record InSpace(Tensor weight, Tensor bias, int factor) implements Enlargement {

        private static final int KERNEL = 3;

        static InSpace load(UpsamplerConfig config, Weights weights) {
            int factor = config.scale().numerator();
            long out = (long) factor * factor * config.width();
            return new InSpace(
                    weights.tensor("weight", out, config.width(), KERNEL, KERNEL), weights.tensor("bias", out), factor);
        }

        @Override
        public Tensor forward(Tensor hidden) {
            return unfolded(shuffled(folded(hidden)), hidden.size(0));
        }

        /// @param frames `[B · F, M, H, W]`
        /// @return `[B · F, M, factor · H, factor · W]`
        Tensor shuffled(Tensor frames) {
            return frames.pad("constant", 1, 1, 1, 1)
                    .convolve2d(weight, bias, 1, 1)
                    .pixelShuffle(factor);
        }
    }

    /// Each frame by a fraction: up by its numerator, blurred, and every n-th position kept.
    record ByFraction(InSpace up, Tensor kernel, int denominator) implements Enlargement {

        private static final int BLUR = 5;

        static ByFraction load(UpsamplerConfig config, Weights weights) {
            return new ByFraction(
                    InSpace.load(config, weights.under("conv")),
                    weights.tensor("blur_down.kernel", 1, 1, BLUR, BLUR),
                    config.scale().denominator());
        }

        @Override
        public Tensor forward(Tensor hidden) {
            Tensor frames = up.shuffled(folded(hidden));
            return unfolded(denominator == 1 ? frames : thinned(frames), hidden.size(0));
        }

        /// Zeros around; every channel by itself, so channels are taken as samples.
        private Tensor thinned(Tensor frames) {
            long channels = frames.size(1);
            Tensor planes = frames.reshape(frames.size(0) * channels, 1, frames.size(2), frames.size(3));
            Tensor thinned = planes.pad("constant", BLUR / 2, BLUR / 2, BLUR / 2, BLUR / 2)
                    .convolve2d(kernel, null, denominator, denominator);
            return thinned.view(frames.size(0), channels, thinned.size(2), thinned.size(3));
        }
    }

    /// Twice the frames, without the first, which stands for a single pixel frame.
    record InTime(Convolution convolution) implements Enlargement {

        @Override
        public Tensor forward(Tensor hidden) {
            long[] shape = hidden.shape();
            return convolution
                    .forward(hidden)
                    .view(shape[0], shape[1], 2, shape[2], shape[3], shape[4])
                    .permute(0, 1, 3, 2, 4, 5)
                    .reshape(shape[0], shape[1], 2 * shape[2], shape[3], shape[4])
                    .narrow(2, 1, 2 * shape[2] - 1);
        }
    }

    /// @return `[B · F, M, H, W]`
    private static Tensor folded(Tensor hidden) {
        return hidden.permute(0, 2, 1, 3, 4)
                .reshape(hidden.size(0) * hidden.size(2), hidden.size(1), hidden.size(3), hidden.size(4));
    }

    private static Tensor unfolded(Tensor frames, long batch) {
        return frames.view(batch, frames.size(0) / batch, frames.size(1), frames.size(2), frames.size(3))
                .permute(0, 2, 1, 3, 4)
                .contiguous();
    }
}
