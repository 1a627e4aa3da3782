package io.zoetrope.engine.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/// An operator of LibTorch that the binding has no method for, called by its registered name.
final class Operator {

    private final OperatorHandle handle;

    private Operator(OperatorHandle handle) {
        this.handle = handle;
    }

    /// @param name such as `aten::_scaled_mm`
    /// @throws RuntimeException if LibTorch has none of that name
    static Operator named(String name) {
        OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, "");
        handle.retainReference(); // beyond the scope that is open now
        return new Operator(handle);
    }

    /// Calls it with all arguments, in the order of its schema.
    ///
    /// @return the first result, which belongs to the open scope
    IValue call(IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        handle.callBoxed(stack);
        return stack.get(0);
    }

    /// A tensor or nothing.
    static IValue optional(Tensor tensor) {
        return tensor == null ? new IValue() : new IValue(tensor.handle());
    }
}
