package io.zoetrope.verify;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.transformer.Trace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Copies what a network shows on the way, under the reference's names, in the order in which it was made.
final class RecordedTrace implements Trace {

    private record Copy(long[] shape, float[] values) {}

    private final UnaryOperator<String> referenceName;
    private final Map<String, Copy> copies = new LinkedHashMap<>();

    /// @param referenceName from the engine's name to the reference's
    RecordedTrace(UnaryOperator<String> referenceName) {
        this.referenceName = referenceName;
    }

    @Override
    public void see(String name, Tensor tensor) {
        copies.put(referenceName.apply(name), new Copy(tensor.shape(), tensor.toFloatArray()));
    }

    /// The copies as float32 tensors of the scope that is open now.
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        copies.forEach((name, copy) -> tensors.put(name, Tensor.of(copy.values(), copy.shape())));
        return tensors;
    }
}
