package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What all cursors on one component share: where tensors come from, which were handed out, and what was wrong.
///
/// A tensor is read once; who asks again gets the same one. A source can lie over another: then some weights are
/// replaced, and all others are the very tensors of the source below.
final class WeightSource {

    private record Asked(String key, DataType type) {}

    /// What is rounded to fp8 when a file is cast.
    private static final Pattern CAST = Pattern.compile(
            "(?:.*\\.)?transformer_blocks\\.\\d+\\..*\\.(?:to_q|to_k|to_v|to_out\\.0|net\\.0\\.proj|net\\.2)\\.(?:weight|bias)");

    private final Checkpoint checkpoint;
    private final Device device;
    private final DataType type;
    private final WeightStorage storage;
    private final TensorArena arena;
    private final WeightReader reader;
    private final WeightSource below; // or null
    private final Map<String, LinearWeight> replaced;
    private final Map<Asked, Tensor> handedOut = new HashMap<>();
    private final Map<String, LinearWeight> linears = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Set<String> ignored = new HashSet<>();

    private WeightSource(
            Checkpoint checkpoint,
            Device device,
            DataType type,
            WeightStorage storage,
            TensorArena arena,
            WeightSource below,
            Map<String, LinearWeight> replaced) {
        this.checkpoint = checkpoint;
        this.device = device;
        this.type = type;
        this.storage = storage;
        this.arena = arena;
        this.reader = new WeightReader(checkpoint, device);
        this.below = below;
        this.replaced = replaced;
    }

    static WeightSource of(
            Checkpoint checkpoint, Device device, DataType type, WeightStorage storage, TensorArena arena) {
        return new WeightSource(checkpoint, device, type, storage, arena, null, Map.of());
    }

    /// @param replaced by the key of the weight
    WeightSource overlaid(Map<String, LinearWeight> replaced, TensorArena arena) {
        return new WeightSource(checkpoint, device, type, storage, arena, this, Map.copyOf(replaced));
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    Device device() {
        return device;
    }

    DataType type() {
        return type;
    }

    TensorArena arena() {
        return arena;
    }

    /// The weights of linear layers handed out, by key.
    Map<String, LinearWeight> linears() {
        return linears;
    }

    Map<String, Tensor> handedOut() {
        Map<String, Tensor> all = new TreeMap<>();
        handedOut.forEach((question, tensor) -> all.put(question.key() + " " + question.type(), tensor));
        return all;
    }

    /// The parts of files whose very bytes were handed out as tensors, not converted ones.
    ///
    /// @param prefix of the keys
    List<MemorySegment> viewed(String prefix) {
        return asked.stream()
                .filter(key -> key.startsWith(prefix))
                .flatMap(key -> checkpoint.mapped(key).filter(part -> isView(key, part)).stream())
                .toList();
    }

    private boolean isView(String key, MemorySegment part) {
        Tensor tensor = linears.containsKey(key) ? linears.get(key).stored() : found(new Asked(key, type));
        return tensor != null && tensor.beginsAt(part);
    }

    private Tensor found(Asked question) {
        Tensor own = handedOut.get(question);
        return own == null && below != null ? below.handedOut.get(question) : own;
    }

    /// @param names beginnings of keys
    void ignore(List<String> names) {
        ignored.addAll(names);
    }

    boolean isExpected(String key) {
        return asked.contains(key) || ignored.stream().anyMatch(key::startsWith);
    }

    /// Everything that was wrong.
    List<String> problems() {
        return reader.problems();
    }

    /// @param key of the weight, `….weight`
    LinearWeight linear(String key, long out, long in) {
        LinearWeight weight = replaced.get(key);
        if (weight == null && below != null) {
            weight = below.linears.get(key);
        }
        if (weight == null) {
            weight = stored(key, out, in);
        }
        expect(key);
        linears.put(key, weight);
        return weight;
    }

    /// @param key of the bias, `….bias`
    Tensor linearBias(String key, long out) {
        boolean cast = storage == WeightStorage.FLOAT8_CAST && CAST.matcher(key).matches();
        return tensor(cast ? DataType.FLOAT8_E4M3 : type, key, out);
    }

    Tensor tensor(DataType wanted, String key, long... shape) {
        expect(key);
        Asked question = new Asked(key, wanted);
        Tensor tensor = handedOut.get(question);
        if (tensor == null && below != null) {
            tensor = below.handedOut.get(question);
        }
        if (tensor == null) {
            tensor = reader.readable(key, shape) ? read(key, wanted) : standIn(wanted, shape);
            handedOut.put(question, tensor);
        } else {
            reader.requireShape(key, tensor.shape(), shape);
        }
        return tensor;
    }

    private LinearWeight stored(String key, long out, long in) {
        boolean scaled = reader.isScaled(key);
        return switch (storage) {
            case COMPUTE_TYPE -> new LinearWeight.Plain(tensor(type, key, out, in));
            case FLOAT8_CAST -> {
                if (scaled) {
                    reader.refuse("scaled fp8 already, expected a file without scales to round to fp8", key);
                }
                yield CAST.matcher(key).matches()
                        ? new LinearWeight.Cast(tensor(DataType.FLOAT8_E4M3, key, out, in))
                        : new LinearWeight.Plain(tensor(type, key, out, in));
            }
            case FLOAT8_SCALED -> scaled ? scaled(key, out, in) : new LinearWeight.Plain(tensor(type, key, out, in));
        };
    }

    private LinearWeight scaled(String key, long out, long in) {
        if (!reader.readable(key, out, in)) {
            return new LinearWeight.Plain(standIn(type, out, in));
        }
        try (TensorScope _ = TensorScope.open()) {
            Tensor inputScale = reader.inputScale(key);
            return new LinearWeight.Scaled(
                    arena.own(reader.stored(key)),
                    arena.own(reader.scale(key)),
                    inputScale == null ? null : arena.own(inputScale));
        }
    }

    private Tensor read(String key, DataType wanted) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor stored = reader.stored(key);
            if (reader.isScaled(key)) {
                return arena.own(LinearWeight.folded(stored, reader.scale(key), wanted));
            }
            return arena.own(wanted == DataType.FLOAT8_E4M3 ? LinearWeight.rounded(stored) : stored.to(wanted));
        }
    }

    /// A weight's scales are expected with it, used or not.
    private void expect(String key) {
        asked.add(key);
        asked.addAll(reader.scaleKeys(key));
    }

    /// One zero, seen as the whole shape, so that building can go on without memory.
    private Tensor standIn(DataType wanted, long... shape) {
        long[] lengths = Arrays.stream(shape).map(length -> Math.max(1, length)).toArray();
        long[] ones = new long[shape.length];
        Arrays.fill(ones, 1);
        try (TensorScope _ = TensorScope.open()) {
            return arena.own(Tensor.zeros(wanted, device, ones).expand(lengths));
        }
    }
}
