package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What all cursors on one component share: where tensors come from, which were handed out, and what was wrong.
///
/// A tensor is read once; who asks again gets the same one. A source can lie over another: then some weights are
/// replaced, and all others are the very tensors of the source below.
final class WeightSource {

    private record Asked(String key, DataType type) {}

    private static final String WEIGHT = ".weight";
    private static final String SCALE = "_scale"; // after `.weight`
    private static final String BLOCK_SCALE = "_scale_2";
    private static final String INPUT_SCALE = ".input_scale"; // instead of `.weight`

    /// What is rounded to fp8 when a file is cast.
    private static final Pattern CAST = Pattern.compile(
            "(?:.*\\.)?transformer_blocks\\.\\d+\\..*\\.(?:to_q|to_k|to_v|to_out\\.0|net\\.0\\.proj|net\\.2)\\.(?:weight|bias)");

    private final Checkpoint checkpoint;
    private final Device device;
    private final DataType type;
    private final WeightStorage storage;
    private final TensorArena arena;
    private final WeightSource below; // or null
    private final Map<String, LinearWeight> replaced;
    private final Map<Asked, Tensor> handedOut = new HashMap<>();
    private final Map<String, LinearWeight> linears = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final Set<String> ignored = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<String>> unreadable = new LinkedHashMap<>();

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

    /// @param names beginnings of keys
    void ignore(List<String> names) {
        ignored.addAll(names);
    }

    boolean isExpected(String key) {
        return asked.contains(key) || ignored.stream().anyMatch(key::startsWith);
    }

    /// Everything that was wrong; weights of a format that cannot be read are counted.
    List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        unreadable.forEach((reason, keys) ->
                all.add("%s%s: %s".formatted(keys.getFirst(), keys.size() == 1 ? "" : more(keys.size() - 1), reason)));
        return all;
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
        asked.add(key);
        linears.put(key, weight);
        return weight;
    }

    /// @param key of the bias, `….bias`
    Tensor linearBias(String key, long out) {
        boolean cast = storage == WeightStorage.FLOAT8_CAST && CAST.matcher(key).matches();
        return tensor(cast ? DataType.FLOAT8_E4M3 : type, key, out);
    }

    Tensor tensor(DataType wanted, String key, long... shape) {
        asked.add(key);
        Asked question = new Asked(key, wanted);
        Tensor tensor = handedOut.get(question);
        if (tensor == null && below != null) {
            tensor = below.handedOut.get(question);
        }
        if (tensor == null) {
            tensor = readable(key, shape) ? read(key, wanted) : standIn(wanted, shape);
            handedOut.put(question, tensor);
        } else {
            requireShape(key, tensor.shape(), shape);
        }
        return tensor;
    }

    private LinearWeight stored(String key, long out, long in) {
        boolean scaled = isScaled(key);
        return switch (storage) {
            case COMPUTE_TYPE -> new LinearWeight.Plain(tensor(type, key, out, in));
            case FLOAT8_CAST -> {
                if (scaled) {
                    unreadable("scaled fp8 already, expected a file without scales to round to fp8", key);
                }
                yield CAST.matcher(key).matches()
                        ? new LinearWeight.Cast(tensor(DataType.FLOAT8_E4M3, key, out, in))
                        : new LinearWeight.Plain(tensor(type, key, out, in));
            }
            case FLOAT8_SCALED -> scaled ? scaled(key, out, in) : new LinearWeight.Plain(tensor(type, key, out, in));
        };
    }

    private LinearWeight scaled(String key, long out, long in) {
        if (!readable(key, out, in)) {
            return new LinearWeight.Plain(standIn(type, out, in));
        }
        String inputScale = inputScale(key);
        try (TensorScope _ = TensorScope.open()) {
            return new LinearWeight.Scaled(
                    arena.own(checkpoint.tensor(key).to(device)),
                    arena.own(scalar(key + SCALE)),
                    checkpoint.entry(inputScale).isPresent() ? arena.own(scalar(inputScale)) : null);
        }
    }

    private Tensor read(String key, DataType wanted) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor stored = checkpoint.tensor(key).to(device);
            if (isScaled(key)) {
                return arena.own(LinearWeight.folded(stored, scalar(key + SCALE), wanted));
            }
            return arena.own(wanted == DataType.FLOAT8_E4M3 ? LinearWeight.rounded(stored) : stored.to(wanted));
        }
    }

    /// A number of the file that stays in float32 whatever the network computes in.
    private Tensor scalar(String key) {
        return checkpoint.tensor(key).to(device, DataType.FLOAT32).reshape();
    }

    /// Whether the file has the tensor in this shape and in a format that is known. Notes what is wrong.
    private boolean readable(String key, long... shape) {
        Optional<SafetensorsFile.Entry> entry = checkpoint.entry(key);
        if (entry.isEmpty()) {
            problems.add("%s %s is missing".formatted(key, Tensor.describe(shape)));
            return false;
        }
        return isKnown(key, entry.get().type())
                && requireShape(key, entry.get().dimensions(), shape)
                && requireScales(key);
    }

    private boolean isKnown(String key, DataType stored) {
        if (!key.endsWith(WEIGHT) || stored.isFloatingPoint()) {
            return true;
        }
        boolean blocks = checkpoint.entry(key + SCALE).isPresent()
                && checkpoint.entry(key + BLOCK_SCALE).isPresent();
        if (stored == DataType.UINT8 && blocks) {
            unreadable("NVFP4 (4 bits), which the engine does not have", key);
        } else if (stored == DataType.UINT8) {
            unreadable("U8 without weight_scale and weight_scale_2, the file is broken", key);
        } else {
            unreadable("%s, an integer format that the engine does not have".formatted(stored.code()), key);
        }
        return false;
    }

    private boolean requireShape(String key, long[] found, long... expected) {
        boolean fits = found.length == expected.length;
        for (int axis = 0; fits && axis < found.length; axis++) {
            fits = expected[axis] == Tensor.ANY || expected[axis] == found[axis];
        }
        if (!fits) {
            problems.add("%s is %s, expected %s".formatted(key, Tensor.describe(found), Tensor.describe(expected)));
        }
        return fits;
    }

    /// The scales of an fp8 weight belong to it, used or not: each must be one number.
    private boolean requireScales(String key) {
        if (!isScaled(key)) {
            return true;
        }
        boolean fit = true;
        for (String scale : List.of(key + SCALE, inputScale(key))) {
            Optional<SafetensorsFile.Entry> entry = checkpoint.entry(scale);
            if (entry.isPresent()) {
                asked.add(scale);
                fit &= requireNumber(scale, entry.get());
            }
        }
        return fit;
    }

    private boolean requireNumber(String key, SafetensorsFile.Entry entry) {
        long count = entry.shape().stream().reduce(1L, (a, b) -> a * b);
        if (entry.type() != DataType.FLOAT32 || count != 1) {
            problems.add("%s is %s %s, expected one F32 number"
                    .formatted(key, entry.type().code(), entry.shape()));
            return false;
        }
        try (TensorScope _ = TensorScope.open()) {
            double value = checkpoint.tensor(key).item();
            if (!Double.isFinite(value) || value <= 0) {
                problems.add("%s is %s, expected a number above 0".formatted(key, value));
                return false;
            }
        }
        return true;
    }

    private boolean isScaled(String key) {
        return key.endsWith(WEIGHT)
                && checkpoint.entry(key + SCALE).isPresent()
                && checkpoint.entry(key).filter(entry -> isFloat8(entry.type())).isPresent();
    }

    private void unreadable(String reason, String key) {
        unreadable.computeIfAbsent(reason, _ -> new ArrayList<>()).add(key);
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

    private static String more(int count) {
        return " and %d more".formatted(count);
    }

    private static String inputScale(String key) {
        return key.substring(0, key.length() - WEIGHT.length()) + INPUT_SCALE;
    }

    private static boolean isFloat8(DataType stored) {
        return stored == DataType.FLOAT8_E4M3 || stored == DataType.FLOAT8_E5M2;
    }
}
