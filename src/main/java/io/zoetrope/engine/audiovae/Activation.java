package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;

/// What stands before the convolutions of a generator.
sealed interface Activation permits Activation.LeakyRelu, AntiAliasedSnake {

    /// @param hidden `[B, C, T]`
    /// @return the same shape, new
    Tensor forward(Tensor hidden);

    /// Lets negative values pass with a slope.
    record LeakyRelu(double slope) implements Activation {

        @Override
        public Tensor forward(Tensor hidden) {
            return hidden.leakyRelu(slope);
        }
    }
}
