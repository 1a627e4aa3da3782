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

    /// Length of a position. It belongs to LibTorch's generator and holds the numbers that are ready as well.
    public static final long POSITION_BYTES = 5056;

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

    /// A stream that goes on where another one was.
    ///
    /// @param position of the other, from [#position()]
    /// @throws IllegalArgumentException if it is none
    public static RandomStream at(Tensor position) {
        position.requireShape("position of a random stream", POSITION_BYTES);
        RandomStream stream = seeded(0);
        try {
            stream.generator.set_state(position.handle());
            return stream;
        } catch (RuntimeException e) {
            stream.close();
            throw new IllegalArgumentException("position of a random stream is damaged: " + e.getMessage(), e);
        }
    }

    /// Where the stream is: the whole state of the generator.
    ///
    /// @return uint8 `[5056]` on the CPU
    public Tensor position() {
        return new Tensor(generator.get_state());
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
