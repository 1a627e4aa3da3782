package io.zoetrope.engine.checkpoint;

import java.util.Arrays;
import java.util.stream.Collectors;

/// How the weights of linear layers lie in memory.
public enum WeightStorage {
    /// In the type that the network computes in. The scales of a scaled fp8 file are multiplied in once.
    COMPUTE_TYPE("compute-type"),
    /// The large layers of the transformer's blocks, which are nearly all of it, rounded to fp8 and expanded before
    /// each product: half the memory of bfloat16, not faster, coarser. Needs a file without scales.
    FLOAT8_CAST("float8-cast"),
    /// As a scaled fp8 file has them: half the memory of bfloat16. Where the file has a scale for inputs, inputs are
    /// rounded to fp8 too.
    FLOAT8_SCALED("float8-scaled");

    private final String label;

    WeightStorage(String label) {
        this.label = label;
    }

    /// The name in configuration and on the command line.
    public String label() {
        return label;
    }

    /// @throws IllegalArgumentException naming the known ones
    public static WeightStorage named(String label) {
        return Arrays.stream(values())
                .filter(storage -> storage.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'%s' is not allowed; expected one of %s"
                        .formatted(
                                label,
                                Arrays.stream(values())
                                        .map(WeightStorage::label)
                                        .collect(Collectors.joining(", ")))));
    }
}
