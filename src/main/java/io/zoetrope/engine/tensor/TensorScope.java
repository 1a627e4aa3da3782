package io.zoetrope.engine.tensor;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;

/// Owns every tensor made on this thread between [#open()] and [#close()], and frees them together.
///
///     try (TensorScope scope = TensorScope.open()) {
///         Tensor hidden = input.linear(weight, bias);
///         return scope.keep(hidden.silu());   // moves to the enclosing scope; the rest is freed
///     }
///
/// A tensor kept by the outermost scope of a thread belongs to the caller, who must [Tensor#close()] it.
public final class TensorScope implements AutoCloseable {

    private final PointerScope enclosing; // null in the outermost scope
    private final PointerScope scope;
    private final InferenceMode guard; // null if a surrounding scope holds one

    private TensorScope() {
        enclosing = PointerScope.getInnerScope();
        guard = InferenceMode.is_enabled() ? null : new InferenceMode(true);
        scope = new PointerScope();
    }

    /// Opens a scope inside the one that is open on this thread, if any. Nothing computed in it records gradients.
    public static TensorScope open() {
        return new TensorScope();
    }

    /// Moves `tensor` to the enclosing scope, so that it survives this one.
    public Tensor keep(Tensor tensor) {
        if (enclosing == null) {
            tensor.handle().retainReference();
        } else {
            enclosing.attach(tensor.handle());
        }
        return tensor;
    }

    @Override
    public void close() {
        scope.close();
        if (guard != null) {
            guard.close();
        }
    }
}
