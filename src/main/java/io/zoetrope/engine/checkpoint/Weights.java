package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A cursor on a checkpoint that remembers a key prefix and is narrowed while a network is built.
///
///     Weights block = weights.under("transformer_blocks", 3);
///     Tensor table = block.tensor("scale_shift_table", 6, width);
///
/// Building is the test of the checkpoint: a tensor that is missing or misshapen is noted and stood in for, so
/// that the network can be built to its end and [#finish] can report all of them in one error. Tensors of the
/// wanted type on the CPU are views of the mapped file; others are converted once.
public final class Weights {

    /// What all cursors on one component share.
    private static final class Source {
        private final Checkpoint checkpoint;
        private final Device device;
        private final DataType type;
        private final TensorArena arena;
        private final Set<String> asked = new HashSet<>();
        private final Set<String> ignored = new HashSet<>();
        private final List<String> problems = new ArrayList<>();

        Source(Checkpoint checkpoint, Device device, DataType type, TensorArena arena) {
            this.checkpoint = checkpoint;
            this.device = device;
            this.type = type;
            this.arena = arena;
        }
    }

    private static final System.Logger LOG = System.getLogger(Weights.class.getName());
    private static final int LISTED_LEFTOVERS = 20;

    private final Source source;
    private final String prefix;

    private Weights(Source source, String prefix) {
        this.source = source;
        this.prefix = prefix;
    }

    /// A cursor at the root of `checkpoint`.
    ///
    /// @param type  type of the tensors handed out by [#tensor]
    /// @param arena owns every tensor handed out
    public static Weights of(Checkpoint checkpoint, Device device, DataType type, TensorArena arena) {
        return new Weights(new Source(checkpoint, device, type, arena), "");
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
        return source.checkpoint.entry(prefix + name).isPresent();
    }

    /// The number of entries `name.0`, `name.1`, … that the checkpoint has.
    public int length(String name) {
        int length = 0;
        while (source.checkpoint.hasPrefix(prefix + name + "." + length + ".")) {
            length++;
        }
        return length;
    }

    /// The element type and device of the tensors handed out.
    public DataType type() {
        return source.type;
    }

    public Device device() {
        return source.device;
    }

    /// A weight in the network's element type.
    ///
    /// @param shape expected; [Tensor#ANY] accepts any length
    public Tensor tensor(String name, long... shape) {
        return tensorAs(source.type, name, shape);
    }

    /// A weight in an element type of its own, such as statistics that stay in float32.
    public Tensor tensorAs(DataType type, String name, long... shape) {
        String key = prefix + name;
        source.asked.add(key);
        var entry = source.checkpoint.entry(key);
        if (entry.isEmpty()) {
            source.problems.add("%s %s is missing".formatted(key, Tensor.describe(shape)));
            return standIn(type, shape);
        }
        if (!fits(entry.get().dimensions(), shape)) {
            source.problems.add("%s is %s, expected %s"
                    .formatted(key, Tensor.describe(entry.get().dimensions()), Tensor.describe(shape)));
            return standIn(type, shape);
        }
        try (TensorScope _ = TensorScope.open()) {
            return source.arena.own(source.checkpoint.tensor(key).to(source.device, type));
        }
    }

    /// A weight computed once from others; owned like them.
    public Tensor derived(Tensor tensor) {
        return source.arena.own(tensor);
    }

    /// Marks all tensors below `names` as known and not needed, so that they do not count as left over.
    public void ignore(String... names) {
        Arrays.stream(names).map(name -> prefix + name).forEach(source.ignored::add);
    }

    /// Ends the building of a component: every missing or misshapen tensor in one error, every tensor below
    /// this cursor that nobody asked for in one warning.
    ///
    /// @throws CheckpointException listing all problems
    public void finish(String component) {
        String subject = "%s of %s".formatted(component, source.checkpoint.subject());
        if (!source.problems.isEmpty()) {
            boolean nothing = !prefix.isEmpty() && !source.checkpoint.hasPrefix(prefix);
            throw new CheckpointException(
                    subject, nothing ? List.of("has no tensors under '" + prefix + "'") : source.problems);
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
        return source.checkpoint.entries().keySet().stream()
                .filter(key -> key.startsWith(prefix) && !source.asked.contains(key))
                .filter(key -> source.ignored.stream().noneMatch(key::startsWith))
                .toList();
    }

    /// One zero, seen as the whole shape, so that building can go on without memory.
    private Tensor standIn(DataType type, long... shape) {
        long[] lengths = Arrays.stream(shape).map(length -> Math.max(1, length)).toArray();
        long[] ones = new long[shape.length];
        Arrays.fill(ones, 1);
        try (TensorScope _ = TensorScope.open()) {
            return source.arena.own(Tensor.zeros(type, source.device, ones).expand(lengths));
        }
    }

    private static boolean fits(long[] found, long... expected) {
        boolean fits = found.length == expected.length;
        for (int axis = 0; fits && axis < found.length; axis++) {
            fits = expected[axis] == Tensor.ANY || expected[axis] == found[axis];
        }
        return fits;
    }
}
