package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// A seeded stream of normally distributed numbers, the same as PyTorch's CPU generator with the same seed.
///
/// The values depend on the seed, the data type and the element count of each draw, not on the shape. Always
/// drawn on the CPU, so that a seed means the same on every device.
public final class RandomStream implements AutoCloseable {

    private final Generator generator;
    private final GeneratorOptional argument;

    private RandomStream(Generator generator) {
        this.generator = generator;
        this.argument = new GeneratorOptional(generator);
        generator.retainReference();
        argument.retainReference();
    }

    /// @param seed taken modulo 2^64, so that -1 means 2^64 - 1
    public static RandomStream seeded(long seed) {
        return new RandomStream(torch.make_generator_cpu(seed));
    }

    /// Draws standard normal numbers on the CPU.
    public Tensor normal(DataType type, long... shape) {
        return new Tensor(torch.randn(shape, argument, new TensorOptions(type.scalarType())));
    }

    @Override
    public void close() {
        argument.close();
        generator.close();
    }
}
