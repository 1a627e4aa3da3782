package io.zoetrope.engine.layer;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.List;

/// Rotary position embedding: for every token the cosines and sines that turn its query and key vectors.
///
/// Depends on the geometry of a request only: made once, used in every step, block and guidance pass. Formulas:
/// docs/model/transformer.md, section 5.
public final class RotaryTable {

    /// Which elements of a vector are turned together.
    public enum Type {
        /// Element i with element i + d/2 of each head. All released models.
        SPLIT,
        /// Neighbours 2i and 2i + 1 of the whole vector. An old mode.
        INTERLEAVED;

        /// @throws IllegalArgumentException unless `name` is `split` or `interleaved`
        public static Type named(String name) {
            return switch (name) {
                case "split" -> SPLIT;
                case "interleaved" -> INTERLEAVED;
                default ->
                    throw new IllegalArgumentException("rope_type '%s', expected split or interleaved".formatted(name));
            };
        }
    }

    /// How angles are made from positions.
    ///
    /// @param theta      base of the frequencies, 10000 in all releases
    /// @param doubleGrid whether the frequency grid is computed in float64 and then rounded, or in float32
    public record Config(Type type, double theta, boolean doubleGrid) {

        /// Reads `rope_type`, `positional_embedding_theta` and `frequencies_precision`.
        ///
        /// @throws io.zoetrope.engine.checkpoint.CheckpointException for an unknown type
        public static Config of(ConfigSection config) {
            String type = config.text("rope_type", "split");
            if (!List.of("split", "interleaved").contains(type)) {
                throw config.refusal("rope_type", type, "split or interleaved");
            }
            return new Config(
                    Type.named(type),
                    config.number("positional_embedding_theta", 10000),
                    config.text("frequencies_precision", "float32").equals("float64"));
        }
    }

    private final Type type;
    private final int heads;
    private final Tensor cosine; // split [B, N, T, d], in memory [B, T, N, d] as vectors are; interleaved [B, T, C]
    private final Tensor sine; // split [B, N, T, d/2]; interleaved [B, T, C], negative where the partner is subtracted

    private RotaryTable(Type type, int heads, Tensor cosine, Tensor sine) {
        this.type = type;
        this.heads = heads;
        this.cosine = cosine;
        this.sine = sine;
    }

    /// Positions as parts of the greatest ones. Divided on the CPU: a GPU multiplies by the reciprocal of a number,
    /// which may be one step of float32 off, and angles are up to 15708 times as large.
    ///
    /// @param positions float32 `[B, axes, T]`
    /// @param greatest  of each axis
    public static Tensor parts(Tensor positions, List<? extends Number> greatest) {
        Tensor onHost = positions.to(Device.CPU);
        Tensor[] axes = new Tensor[greatest.size()];
        for (int axis = 0; axis < axes.length; axis++) {
            axes[axis] = onHost.narrow(1, axis, 1).dividedBy(greatest.get(axis).doubleValue());
        }
        return Tensor.concatenate(1, axes).to(positions.device());
    }

    /// The table for tokens at `positions`.
    ///
    /// @param positions   float32 `[B, axes, T]`, [#parts] of the greatest
    /// @param width       C, of all heads together
    /// @param elementType of the vectors to be turned; angles are float32 always
    public static RotaryTable of(Config config, Tensor positions, int width, int heads, DataType elementType) {
        Tensor angles = angles(config, positions, width); // [B, T, K · axes]
        int axes = (int) positions.size(1);
        Tensor cosine = angles.cos();
        Tensor sine = angles.sin();
        return switch (config.type()) {
            case SPLIT -> {
                int half = width / 2;
                int padding = half - (int) angles.size(-1);
                yield of(
                        Type.SPLIT,
                        heads,
                        padFront(cosine, padding, 1).parted(heads).to(elementType),
                        padFront(sine, padding, 0).parted(heads).to(elementType));
            }
            case INTERLEAVED -> {
                int padding = width % (2 * axes);
                yield of(
                        Type.INTERLEAVED,
                        heads,
                        padFront(cosine.repeatEach(-1, 2), padding, 1).to(elementType),
                        padFront(sine.repeatEach(-1, 2), padding, 0).to(elementType));
            }
        };
    }

    /// A table from cosines and sines that were made elsewhere.
    ///
    /// @param cosine split: `[B, N, T, d/2]`; interleaved: `[B, T, C]`
    public static RotaryTable of(Type type, int heads, Tensor cosine, Tensor sine) {
        return switch (type) {
            case SPLIT -> new RotaryTable(type, heads, doubled(cosine), sine);
            case INTERLEAVED -> new RotaryTable(type, heads, cosine, sine.times(alternatingSigns(sine)));
        };
    }

    /// The part of the table for tokens `start` … `start + count - 1`, a view.
    public RotaryTable tokens(long start, long count) {
        return new RotaryTable(type, heads, cosine.narrow(-2, start, count), sine.narrow(-2, start, count));
    }

    /// Hands the table's tensors to `arena`, so that it outlives the scope it was made in.
    public RotaryTable keptBy(TensorArena arena) {
        arena.own(cosine);
        arena.own(sine);
        return this;
    }

    /// Moves the table's tensors to the scope around `scope`.
    public RotaryTable keptBy(TensorScope scope) {
        scope.keep(cosine);
        scope.keep(sine);
        return this;
    }

    /// Turns the vectors of every token and parts them by head.
    ///
    /// @param vectors `[B, T, C]`
    /// @return `[B, N, T, d]`
    public Tensor rotate(Tensor vectors) {
        return switch (type) {
            case SPLIT -> rotateHeads(vectors.parted(heads));
            case INTERLEAVED -> {
                long[] shape = vectors.shape();
                Tensor swapped = vectors.reshape(shape[0], shape[1], shape[2] / 2, 2)
                        .flip(3)
                        .reshape(shape);
                yield vectors.times(cosine).plusProduct(swapped, sine).parted(heads);
            }
        };
    }

    /// Turns vectors that are parted by head already; for split tables.
    ///
    /// @param parted `[B, N, T, d]`
    public Tensor rotateHeads(Tensor parted) {
        long half = parted.size(-1) / 2;
        Tensor rotated = parted.times(cosine);
        rotated.narrow(-1, 0, half).plusProductInPlace(parted.narrow(-1, half, half), sine, -1);
        rotated.narrow(-1, half, half).plusProductInPlace(parted.narrow(-1, 0, half), sine, 1);
        return rotated;
    }

    /// The cosines as the reference lays them out: split `[B, N, T, d/2]`, interleaved `[B, T, C]`.
    public Tensor cosine() {
        return switch (type) {
            case SPLIT -> cosine.narrow(-1, 0, cosine.size(-1) / 2);
            case INTERLEAVED -> cosine;
        };
    }

    /// The sines, laid out like the cosines.
    public Tensor sine() {
        return switch (type) {
            case SPLIT -> sine;
            case INTERLEAVED -> sine.times(alternatingSigns(sine));
        };
    }

    /// Frequency major, axis minor, in exactly this order of float32 operations: the angles reach 15708, where
    /// one step of float32 is 1e-3.
    private static Tensor angles(Config config, Tensor positions, int width) {
        Device device = positions.device();
        int axes = (int) positions.size(1);
        Tensor frequencies = frequencies(config, width / (2 * axes)).to(device); // [K]
        Tensor centred = positions.times(2).minus(1).transpose(1, 2).unsqueeze(-1); // [B, T, axes, 1]
        Tensor angles = centred.times(frequencies); // [B, T, axes, K]
        long[] shape = angles.shape();
        return angles.transpose(-1, -2).reshape(shape[0], shape[1], shape[2] * shape[3]);
    }

    /// The frequencies, float32 `[count]`: `theta^(k / (count - 1)) · pi / 2`.
    public static Tensor frequencies(Config config, int count) {
        DataType type = config.doubleGrid() ? DataType.FLOAT64 : DataType.FLOAT32;
        Tensor exponents = Tensor.linspace(0, 1, count, type);
        return Tensor.power(config.theta(), exponents).times(Math.PI / 2).to(DataType.FLOAT32);
    }

    private static Tensor padFront(Tensor table, int count, double value) {
        if (count == 0) {
            return table;
        }
        long[] shape = table.shape();
        shape[2] = count;
        return Tensor.concatenate(-1, Tensor.full(value, table.type(), table.device(), shape), table);
    }

    /// `[B, N, T, d/2]` twice in the last axis, in memory `[B, T, N, d]`: a vector's elements and its cosines lie in
    /// the same order then.
    private static Tensor doubled(Tensor half) {
        Tensor byToken = half.transpose(1, 2);
        return Tensor.concatenate(-1, byToken, byToken).transpose(1, 2);
    }

    /// -1, 1, -1, 1, … along the last axis.
    private static Tensor alternatingSigns(Tensor sines) {
        return Tensor.of(new float[] {-1, 1}, 1, 1, 2)
                .repeat(1, 1, sines.size(-1) / 2)
                .like(sines);
    }

    @Override
    public String toString() {
        return "RotaryTable[%s %s]".formatted(type, Tensor.describe(cosine.shape()));
    }
}
