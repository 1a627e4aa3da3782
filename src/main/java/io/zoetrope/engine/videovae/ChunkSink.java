package io.zoetrope.engine.videovae;

import io.zoetrope.engine.tensor.Tensor;

/// Takes a clip piece by piece, in order, as soon as a piece is final.
///
/// @param <E> what taking may throw
@FunctionalInterface
public interface ChunkSink<E extends Exception> {

    /// @param chunk `[B, 3, n, H, W]`, nominally in [-1, 1], n at least 1; valid during this call only
    void accept(Tensor chunk) throws E;

    /// Called before each tile of a clip that has several; ends the decoding by throwing.
    default void between() throws E {}
}
