package io.zoetrope.bench;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a call of the native library costs, however little there is to compute, and the calls that passes are made of
/// at the size of the shipped model: 27 tokens of 128 numbers, 1024 slots of text. `./zoetrope microbench` runs it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NativeCalls {

    private static final int TOKENS = 27;
    private static final int SLOTS = 1024;
    private static final int HEADS = 4;
    private static final int WIDTH = 128;
    private static final double EPSILON = 1e-6;

    private final TensorArena arena = new TensorArena();
    private Tensor one;
    private Tensor hidden;
    private Tensor weight;
    private Tensor bias;
    private Tensor query;
    private Tensor key;

    @Setup(Level.Trial)
    public void draw() {
        Device.useThreads(1);
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(1)) {
            one = arena.own(Tensor.scalar(1));
            hidden = arena.own(random.normal(DataType.FLOAT32, 1, TOKENS, WIDTH));
            weight = arena.own(random.normal(DataType.FLOAT32, WIDTH, WIDTH));
            bias = arena.own(random.normal(DataType.FLOAT32, WIDTH));
            query = arena.own(random.normal(DataType.FLOAT32, 1, HEADS, TOKENS, WIDTH / HEADS));
            key = arena.own(random.normal(DataType.FLOAT32, 1, HEADS, SLOTS, WIDTH / HEADS));
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    @Benchmark
    public void scopeAlone() {
        try (TensorScope _ = TensorScope.open()) {
            // what opening and closing costs
        }
    }

    @Benchmark
    public Tensor addOneElement() {
        try (TensorScope _ = TensorScope.open()) {
            return one.plus(one);
        }
    }

    @Benchmark
    public Tensor view() {
        try (TensorScope _ = TensorScope.open()) {
            return hidden.parted(HEADS);
        }
    }

    @Benchmark
    public Tensor norm() {
        try (TensorScope _ = TensorScope.open()) {
            return hidden.rmsNorm(null, EPSILON);
        }
    }

    @Benchmark
    public Tensor linear() {
        try (TensorScope _ = TensorScope.open()) {
            return hidden.linear(weight, bias);
        }
    }

    @Benchmark
    public Tensor attentionToText() {
        try (TensorScope _ = TensorScope.open()) {
            return Tensor.attention(query, key, key, null, 1 / Math.sqrt(WIDTH / (double) HEADS));
        }
    }
}
