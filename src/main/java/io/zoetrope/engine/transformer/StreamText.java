package io.zoetrope.engine.transformer;

import io.zoetrope.engine.layer.Attention;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/// A text context, prepared for one stream. Made once per prompt.
///
/// @param context   `[B, S, D]` in the stream's width
/// @param keyValues of every block, where they are the same in all steps; otherwise empty
/// @param mask      additive, broadcastable to `[B, N, T, S]`; null for none
public record StreamText(Tensor context, List<Attention.KeyValue> keyValues, Tensor mask) {

    public StreamText {
        keyValues = List.copyOf(keyValues);
    }

    /// How many samples there are.
    public long count() {
        return context.size(0);
    }

    /// A batch of these samples, in this order; where it is all that there is, or one sample over and over, a view.
    ///
    /// @param samples numbers of samples, from 0
    public StreamText samples(long... samples) {
        return new StreamText(
                samples(context, samples),
                keyValues.stream()
                        .map(keyValue -> new Attention.KeyValue(
                                samples(keyValue.key(), samples), samples(keyValue.value(), samples)))
                        .toList(),
                mask == null || mask.size(0) == 1 ? mask : samples(mask, samples));
    }

    private static Tensor samples(Tensor tensor, long... samples) {
        if (Arrays.equals(samples, LongStream.range(0, tensor.size(0)).toArray())) {
            return tensor;
        }
        if (Arrays.stream(samples).distinct().count() == 1) {
            long[] shape = tensor.shape();
            shape[0] = samples.length;
            return tensor.narrow(0, samples[0], 1).expand(shape);
        }
        return tensor.indexSelect(0, Tensor.of(samples, samples.length).to(tensor.device()));
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
