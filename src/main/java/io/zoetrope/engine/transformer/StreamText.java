package io.zoetrope.engine.transformer;

import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import java.util.List;

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
        arena.own(context);
        if (mask != null) {
            arena.own(mask);
        }
        for (Attention.KeyValue keyValue : keyValues) {
            arena.own(keyValue.key());
            arena.own(keyValue.value());
        }
        return this;
    }
}
