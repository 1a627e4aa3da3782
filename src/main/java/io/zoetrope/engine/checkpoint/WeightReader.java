package io.zoetrope.engine.checkpoint;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.tensor.Upload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Knows the formats in which a file may have a weight: reads those that the engine has, and notes what is wrong with
/// the others.
///
/// Source: docs/model/checkpoints.md, section 7.
final class WeightReader {

    private static final String WEIGHT = ".weight";
    private static final String SCALE = "_scale"; // after `.weight`
    private static final String BLOCK_SCALE = "_scale_2";
    private static final String INPUT_SCALE = ".input_scale"; // instead of `.weight`

    private final Checkpoint checkpoint;
    private final Device device;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<String>> unreadable = new LinkedHashMap<>();

    WeightReader(Checkpoint checkpoint, Device device) {
        this.checkpoint = checkpoint;
        this.device = device;
    }

    /// Everything that was wrong; weights of a format that cannot be read are counted.
    List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        unreadable.forEach((reason, keys) ->
                all.add("%s%s: %s".formatted(keys.getFirst(), keys.size() == 1 ? "" : more(keys.size() - 1), reason)));
        return all;
    }

    /// Whether the file has the tensor in this shape and in a format that is known. Notes what is wrong.
    boolean readable(String key, long... shape) {
        Optional<SafetensorsFile.Entry> entry = checkpoint.entry(key);
        if (entry.isEmpty()) {
            problems.add("%s %s is missing".formatted(key, Tensor.describe(shape)));
            return false;
        }
        return isKnown(key, entry.get().type())
                && requireShape(key, entry.get().dimensions(), shape)
                && scaleKeys(key).stream().map(this::requireNumber).reduce(true, Boolean::logicalAnd);
    }

    /// Whether a weight is fp8 with a factor for all its elements.
    boolean isScaled(String key) {
        return key.endsWith(WEIGHT)
                && checkpoint.entry(key + SCALE).isPresent()
                && checkpoint.entry(key).filter(entry -> isFloat8(entry.type())).isPresent();
    }

    /// As it is in the file, in the open scope.
    Tensor stored(String key) {
        return Upload.to(device, checkpoint.tensor(key));
    }

    /// The factor of a scaled weight, float32 `[]`, in the open scope.
    Tensor scale(String key) {
        return scalar(key + SCALE);
    }

    /// The factor of a scaled weight's inputs; null if the file has none.
    Tensor inputScale(String key) {
        String scale = inputScaleKey(key);
        return checkpoint.entry(scale).isPresent() ? scalar(scale) : null;
    }

    /// The tensors that belong to a weight and are not asked for by themselves.
    List<String> scaleKeys(String key) {
        return isScaled(key)
                ? Stream.of(key + SCALE, inputScaleKey(key))
                        .filter(scale -> checkpoint.entry(scale).isPresent())
                        .toList()
                : List.of();
    }

    /// @param reason what the format is and what is wrong with it
    void refuse(String reason, String key) {
        unreadable.computeIfAbsent(reason, _ -> new ArrayList<>()).add(key);
    }

    /// A number of the file that stays in float32 whatever the network computes in.
    private Tensor scalar(String key) {
        return checkpoint.tensor(key).to(device, DataType.FLOAT32).reshape();
    }

    private boolean isKnown(String key, DataType stored) {
        if (!key.endsWith(WEIGHT) || stored.isFloatingPoint()) {
            return true;
        }
        boolean blocks = checkpoint.entry(key + SCALE).isPresent()
                && checkpoint.entry(key + BLOCK_SCALE).isPresent();
        if (stored == DataType.UINT8 && blocks) {
            refuse("NVFP4 (4 bits), which the engine does not have", key);
        } else if (stored == DataType.UINT8) {
            refuse("U8 without weight_scale and weight_scale_2, the file is broken", key);
        } else {
            refuse("%s, an integer format that the engine does not have".formatted(stored.code()), key);
        }
        return false;
    }

    /// @param expected [Tensor#ANY] accepts any length
    boolean requireShape(String key, long[] found, long... expected) {
        boolean fits = found.length == expected.length;
        for (int axis = 0; fits && axis < found.length; axis++) {
            fits = expected[axis] == Tensor.ANY || expected[axis] == found[axis];
        }
        if (!fits) {
            problems.add("%s is %s, expected %s".formatted(key, Tensor.describe(found), Tensor.describe(expected)));
        }
        return fits;
    }

    private boolean requireNumber(String key) {
        SafetensorsFile.Entry entry = checkpoint.entry(key).orElseThrow();
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

    private static String more(int count) {
        return " and %d more".formatted(count);
    }

    private static String inputScaleKey(String key) {
        return key.substring(0, key.length() - WEIGHT.length()) + INPUT_SCALE;
    }

    private static boolean isFloat8(DataType stored) {
        return stored == DataType.FLOAT8_E4M3 || stored == DataType.FLOAT8_E5M2;
    }
}
