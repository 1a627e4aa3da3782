package io.zoetrope.engine.sampling;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The same thing for picture and sound.
///
/// @param video null without picture
/// @param audio null without sound
public record Streams<T>(T video, T audio) {

    /// What `change` makes of each stream that is there.
    public <R> Streams<R> map(Function<T, R> change) {
        return new Streams<>(video == null ? null : change.apply(video), audio == null ? null : change.apply(audio));
    }

    /// What `change` makes of each stream and its partner in `other`; the picture's first.
    public <U, R> Streams<R> with(Streams<U> other, BiFunction<T, U, R> change) {
        return new Streams<>(
                video == null ? null : change.apply(video, other.video()),
                audio == null ? null : change.apply(audio, other.audio()));
    }

    /// Frees both tensors now.
    static void close(Streams<Tensor> tensors) {
        if (tensors.video() != null) {
            tensors.video().close();
        }
        if (tensors.audio() != null) {
            tensors.audio().close();
        }
    }

    /// Keeps both tensors beyond `scope`.
    static Streams<Tensor> keep(TensorScope scope, Streams<Tensor> tensors) {
        return tensors.map(scope::keep);
    }
}
