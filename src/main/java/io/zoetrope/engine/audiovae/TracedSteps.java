package io.zoetrope.engine.audiovae;

import io.zoetrope.engine.tensor.Tensor;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// Takes a network through its steps: shows each result and frees what went into it.
///
/// @param trace sees each result under its name, and must copy what it wants to keep
record TracedSteps(BiConsumer<String, Tensor> trace) {

    static final BiConsumer<String, Tensor> UNSEEN = (_, _) -> {};

    /// @param hidden closed as soon as the result is there
    Tensor step(String name, Tensor hidden, UnaryOperator<Tensor> forward) {
        Tensor next = forward.apply(hidden);
        hidden.close();
        trace.accept(name, next);
        return next;
    }
}
