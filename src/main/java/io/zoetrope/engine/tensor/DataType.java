package io.zoetrope.engine.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The type of a tensor's elements. [#code()] is its name in a safetensors header.
public enum DataType {
    FLOAT64("F64", ScalarType.Double, 8),
    FLOAT32("F32", ScalarType.Float, 4),
    FLOAT16("F16", ScalarType.Half, 2),
    BFLOAT16("BF16", ScalarType.BFloat16, 2),
    FLOAT8_E4M3("F8_E4M3", ScalarType.Float8_e4m3fn, 1),
    FLOAT8_E5M2("F8_E5M2", ScalarType.Float8_e5m2, 1),
    INT64("I64", ScalarType.Long, 8),
    INT32("I32", ScalarType.Int, 4),
    INT16("I16", ScalarType.Short, 2),
    INT8("I8", ScalarType.Char, 1),
    UINT8("U8", ScalarType.Byte, 1),
    BOOL("BOOL", ScalarType.Bool, 1);

    private static final Map<String, DataType> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toMap(DataType::code, Function.identity()));

    private final String code;
    private final ScalarType scalarType;
    private final int bytes;

    DataType(String code, ScalarType scalarType, int bytes) {
        this.code = code;
        this.scalarType = scalarType;
        this.bytes = bytes;
    }

    public String code() {
        return code;
    }

    /// Bytes per element.
    public int bytes() {
        return bytes;
    }

    public boolean isFloatingPoint() {
        return switch (this) {
            case FLOAT64, FLOAT32, FLOAT16, BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 -> true;
            case INT64, INT32, INT16, INT8, UINT8, BOOL -> false;
        };
    }

    /// The type that a safetensors header calls `code`.
    ///
    /// @throws IllegalArgumentException if there is none
    public static DataType ofCode(String code) {
        DataType type = BY_CODE.get(code);
        if (type == null) {
            throw new IllegalArgumentException("data type %s, expected one of %s"
                    .formatted(code, BY_CODE.keySet().stream().sorted().toList()));
        }
        return type;
    }

    ScalarType scalarType() {
        return scalarType;
    }

    /// Enums that come back from native code are not the constants; hence the comparison by value.
    static DataType of(ScalarType scalarType) {
        for (DataType type : values()) {
            if (type.scalarType.value == scalarType.value) {
                return type;
            }
        }
        throw new IllegalArgumentException("unsupported LibTorch type " + scalarType.intern());
    }
}
