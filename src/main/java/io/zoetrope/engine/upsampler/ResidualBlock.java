package io.zoetrope.engine.upsampler;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// Two convolutions; the last activation comes after the sum with the input.
record ResidualBlock(Convolution first, Norm firstNorm, Convolution second, Norm secondNorm) {

    static List<ResidualBlock> load(UpsamplerConfig config, String name, Weights weights) {
        List<ResidualBlock> blocks = new ArrayList<>();
        for (int index = 0; index < config.layers(); index++) {
            Weights block = weights.under(name, index);
            blocks.add(new ResidualBlock(
                    Convolution.load(config.width(), config.width(), block.under("conv1")),
                    Norm.load(config.width(), block.under("norm1")),
                    Convolution.load(config.width(), config.width(), block.under("conv2")),
                    Norm.load(config.width(), block.under("norm2"))));
        }
        return List.copyOf(blocks);
    }

    /// @param hidden `[B, M, F, H, W]`
    Tensor forward(Tensor hidden) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor inner = firstNorm.forward(first.forward(hidden)).siluInPlace();
            Tensor outer = secondNorm.forward(second.forward(inner));
            return scope.keep(outer.plusInPlace(hidden).siluInPlace());
        }
    }
}
