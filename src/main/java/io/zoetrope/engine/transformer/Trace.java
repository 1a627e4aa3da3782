package io.zoetrope.engine.transformer;

import io.zoetrope.engine.tensor.Tensor;

/// Sees intermediate results in the order in which the network makes them, to find the first one that strays.
///
/// A tensor is lent for the call only: what shall outlive it must be copied.
@FunctionalInterface
public interface Trace {

    Trace NONE = (_, _) -> {};

    void see(String name, Tensor tensor);

    /// This trace for a part of the network, whose names come to begin with `prefix`.
    default Trace under(String prefix) {
        return this == NONE ? NONE : (name, tensor) -> see(prefix + name, tensor);
    }
}
