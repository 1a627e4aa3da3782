package io.zoetrope.engine.text;

import io.zoetrope.engine.tensor.Tensor;
import java.util.Arrays;

/// A prompt's token ids in a row of fixed length, the padding in front.
///
/// @param ids  int64 `[1, T]`
/// @param mask int64 `[1, T]`, 1 for real tokens
public record PaddedPrompt(Tensor ids, Tensor mask) {

    /// @throws IllegalArgumentException if there are more ids than slots
    public static PaddedPrompt of(long[] ids, int slots) {
        int padding = slots - ids.length;
        if (padding < 0) {
            throw new IllegalArgumentException("%d tokens, expected at most %d".formatted(ids.length, slots));
        }
        long[] row = new long[slots];
        long[] mask = new long[slots];
        Arrays.fill(row, 0, padding, Tokenizer.PADDING);
        System.arraycopy(ids, 0, row, padding, ids.length);
        Arrays.fill(mask, padding, slots, 1);
        return new PaddedPrompt(Tensor.of(row, 1, slots), Tensor.of(mask, 1, slots));
    }
}
