package io.zoetrope.engine.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;

/// Arguments of native calls that are the same in every call: made once, since each costs half a microsecond.
final class Optionals {

    /// No tensor.
    static final TensorOptional NO_TENSOR = kept(new TensorOptional());

    /// No number.
    static final DoubleOptional NO_NUMBER = kept(new DoubleOptional());

    private static final Map<Double, DoubleOptional> NUMBERS = new ConcurrentHashMap<>();

    private Optionals() {}

    /// A number that belongs to a network, such as the epsilon of a norm; there are few of them.
    static DoubleOptional constant(double value) {
        return NUMBERS.computeIfAbsent(value, number -> kept(new DoubleOptional(number)));
    }

    /// Outlives the scope that happens to be open.
    private static <P extends Pointer> P kept(P pointer) {
        pointer.retainReference();
        return pointer;
    }
}
