package io.zoetrope.verify;

import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.text.PaddedPrompt;
import java.util.Arrays;
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

    /// Contexts of other tokens than the reference's would be compared in vain.
    ///
    /// @param expectedIds  `[T]`, padding in front
    /// @param expectedMask `[T]`
    static void requireSame(String prompt, long[] ids, Tensor expectedIds, Tensor expectedMask) {
        PaddedPrompt row = PaddedPrompt.of(ids, (int) expectedIds.size(0));
        if (!Arrays.equals(row.ids().toLongArray(), expectedIds.toLongArray())
                || !Arrays.equals(row.mask().toLongArray(), expectedMask.toLongArray())) {
            throw new IllegalStateException("the token ids of '%s' are not the reference's".formatted(prompt));
        }
    }
}
