package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A cursor on a checkpoint that remembers a key prefix and is narrowed while a network is built.
///
///     Weights block = weights.under("transformer_blocks", 3);
///     Tensor table = block.tensor("scale_shift_table", 6, width);
///
/// Building is the test of the checkpoint: a tensor that is missing or misshapen is noted and stood in for, so
/// that the network can be built to its end and [#finish] can report all of them in one error. Tensors of the
/// wanted type on the CPU are views of the mapped file; others are converted once. Who asks twice gets the same
/// tensor.
///
/// Weights in fp8 with a scale are multiplied by it, in float32, before they are rounded to the network's type;
/// their
/// scales are not left over. Formats of 4 bits and of integers are refused. Source: docs/model/checkpoints.md, 7.
public final class Weights {

    private static final System.Logger LOG = System.getLogger(Weights.class.getName());
    private static final int LISTED_LEFTOVERS = 20;
    private static final String WEIGHT = ".weight";

    private final WeightSource source;
    private final String prefix;

    private Weights(WeightSource source, String prefix) {
        this.source = source;
        this.prefix = prefix;
    }

    /// A cursor at the root of `checkpoint`, for weights in the network's type.
    ///
    /// @param type  type of the tensors handed out by [#tensor]
    /// @param arena owns every tensor handed out
    public static Weights of(Checkpoint checkpoint, Device device, DataType type, TensorArena arena) {
        return of(checkpoint, device, type, WeightStorage.COMPUTE_TYPE, arena);
    }

    /// A cursor at the root of `checkpoint`.
    ///
    /// @param type    in which the network computes
    /// @param storage of the weights of linear layers
    /// @param arena   owns every tensor handed out
    public static Weights of(
            Checkpoint checkpoint, Device device, DataType type, WeightStorage storage, TensorArena arena) {
        return new Weights(WeightSource.of(checkpoint, device, type, storage, arena), "");
    }

    /// A cursor at the same place on the same tensors, of which some are replaced. All others are those that this
    /// cursor handed out, not copies, and the file is not read for them.
    ///
    /// @param replaced by the layer's name below this cursor, as in [#linears]
    /// @param arena    owns what is computed while a network is built on the new cursor; closed before the one of
    ///                 this cursor
    public Weights overlaid(Map<String, LinearWeight> replaced, TensorArena arena) {
        Map<String, LinearWeight> byKey = new HashMap<>();
        replaced.forEach((layer, weight) -> byKey.put(prefix + layer + WEIGHT, weight));
        return new Weights(source.overlaid(byKey, arena), prefix);
    }

    /// The cursor below `name`.
    public Weights under(String name) {
        return new Weights(source, prefix + name + ".");
    }

    /// The cursor below entry `index` of a list.
    public Weights under(String name, int index) {
        return under(name + "." + index);
    }

    public boolean has(String name) {
        return source.checkpoint().entry(prefix + name).isPresent();
    }

    /// The number of entries `name.0`, `name.1`, … that the checkpoint has.
    public int length(String name) {
        int length = 0;
        while (source.checkpoint().hasPrefix(prefix + name + "." + length + ".")) {
            length++;
        }
        return length;
    }

    /// The element type and device of the tensors handed out.
    public DataType type() {
        return source.type();
    }

    public Device device() {
        return source.device();
    }

    /// A weight in the network's element type.
    ///
    /// @param shape expected; [Tensor#ANY] accepts any length
    public Tensor tensor(String name, long... shape) {
        return tensorAs(source.type(), name, shape);
    }

    /// A weight in an element type of its own, such as statistics that stay in float32.
    public Tensor tensorAs(DataType type, String name, long... shape) {
        return source.tensor(type, prefix + name, shape);
    }

    /// `weight` `[out, in]` of a linear layer, as it is to lie in memory.
    public LinearWeight linear(long out, long in) {
        return source.linear(prefix + "weight", out, in);
    }

    /// `bias` `[out]` of a linear layer; in fp8 if the weight is rounded to that.
    public Tensor linearBias(long out) {
        return source.linearBias(prefix + "bias", out);
    }

    /// The weights handed out by [#linear] below this cursor, by the layer's name, in the order of building.
    public Map<String, LinearWeight> linears() {
        Map<String, LinearWeight> linears = new LinkedHashMap<>();
        source.linears().forEach((key, weight) -> {
            if (key.startsWith(prefix)) {
                linears.put(key.substring(prefix.length(), key.length() - WEIGHT.length()), weight);
            }
        });
        return linears;
    }

    /// Every tensor of the file that was handed out through this cursor and its relatives, by key and type.
    public Map<String, Tensor> handedOut() {
        return source.handedOut();
    }

    /// The parts of files that tensors below this cursor are views of: what is read from disk when it is used.
    public MappedPages mapped() {
        return new MappedPages(device().isCpu() ? source.viewed(prefix) : List.of());
    }

    /// Takes over what the network needs beside its weights; closed with them.
    public <R extends AutoCloseable> R owned(R resource) {
        return source.arena().own(resource);
    }

    /// A weight computed once from others; owned like them.
    public Tensor derived(Tensor tensor) {
        return source.arena().own(tensor);
    }

    /// Marks all tensors below `names` as known and not needed, so that they do not count as left over.
    public void ignore(String... names) {
        source.ignore(Arrays.stream(names).map(name -> prefix + name).toList());
    }

    /// Ends the building of a component: every missing or misshapen tensor in one error, every tensor below
    /// this cursor that nobody asked for in one warning.
    ///
    /// @throws CheckpointException listing all problems
    public void finish(String component) {
        String subject = "%s of %s".formatted(component, source.checkpoint().subject());
        List<String> problems = source.problems();
        if (!problems.isEmpty()) {
            boolean nothing = !prefix.isEmpty() && !source.checkpoint().hasPrefix(prefix);
            throw new CheckpointException(
                    subject, nothing ? List.of("has no tensors under '" + prefix + "'") : problems);
        }
        List<String> leftOver = leftOver();
        if (!leftOver.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: {1} unexpected tensors: {2}",
                    subject,
                    leftOver.size(),
                    leftOver.subList(0, Math.min(LISTED_LEFTOVERS, leftOver.size())));
        }
    }

    /// The tensors below this cursor that nobody asked for and nobody ignored, in alphabetical order.
    public List<String> leftOver() {
        return source.checkpoint().entries().keySet().stream()
                .filter(key -> key.startsWith(prefix) && !source.isExpected(key))
                .toList();
    }
}
