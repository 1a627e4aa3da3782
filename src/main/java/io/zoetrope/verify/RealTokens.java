package io.zoetrope.verify;

import io.zoetrope.engine.tensor.Tensor;
import java.util.stream.IntStream;

/// Between the engine, which computes real tokens only, and golden cases, which are padded.
final class RealTokens {

    private RealTokens() {}

    /// The places where `mask` `[T]` is not 0, int64 `[n]`.
    static Tensor of(Tensor mask) {
        long[] flags = mask.toLongArray();
        long[] places = IntStream.range(0, flags.length)
                .filter(place -> flags[place] != 0)
                .asLongStream()
                .toArray();
        return Tensor.of(places, places.length).to(mask.device());
    }

    /// Puts `rows` `[n, W]` at `places` of `[length, W]`, zeros elsewhere.
    static Tensor spread(Tensor rows, Tensor places, long length) {
        long[] source = new long[(int) length];
        long[] targets = places.toLongArray();
        for (int row = 0; row < targets.length; row++) {
            source[(int) targets[row]] = row + 1L;
        }
        Tensor zero = Tensor.zeros(rows.type(), rows.device(), 1, rows.size(1));
        return Tensor.concatenate(0, zero, rows)
                .indexSelect(0, Tensor.of(source, length).to(rows.device()));
    }
}
