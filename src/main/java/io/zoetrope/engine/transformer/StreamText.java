package io.zoetrope.engine.transformer;

import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.List;
import java.util.function.Consumer;

/// A text context, prepared for one stream. Made once per prompt.
///
/// @param context   `[B, S, D]` in the stream's width
/// @param keyValues of every block, where they are the same in all steps; otherwise empty
/// @param mask      additive, broadcastable to `[B, N, T, S]`; null for none
public record StreamText(Tensor context, List<Attention.KeyValue> keyValues, Tensor mask) {

    public StreamText {
        keyValues = List.copyOf(keyValues);
    }

    /// Hands the tensors to `arena`, so that they outlive the scope they were made in.
    public StreamText keptBy(TensorArena arena) {
        forEach(arena::own);
        return this;
    }

    /// Moves the tensors to the scope around `scope`.
    StreamText keptBy(TensorScope scope) {
        forEach(scope::keep);
        return this;
    }

    private void forEach(Consumer<Tensor> action) {
        action.accept(context);
        for (Attention.KeyValue keyValue : keyValues) {
            action.accept(keyValue.key());
            action.accept(keyValue.value());
        }
        if (mask != null) {
            action.accept(mask);
        }
    }
}
