package io.zoetrope.engine.text;

import io.zoetrope.engine.layer.Attention.KeyValue;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;

/// The keys and values that one layer still reads while a text grows, in memory of fixed size.
///
/// A layer with a window needs no more slots than that: when all are taken, a new token takes the place of the
/// oldest, which has just left the window. The order of slots does not matter, since keys are turned by their
/// positions before they come here. Padding is not kept, so that whoever reads needs no mask.
final class KeyValueCache {

    private static final int TOKENS = 2;

    private final long capacity;
    private final Tensor keys; // [1, M, capacity, d]
    private final Tensor values; // [1, M, capacity, d]
    private long next; // slot
    private long taken;

    private KeyValueCache(long capacity, Tensor keys, Tensor values) {
        this.capacity = capacity;
        this.keys = keys;
        this.values = values;
    }

    /// @param capacity slots
    /// @param like     whose element type and device the cache shares
    static KeyValueCache allocate(GemmaConfig config, long capacity, Tensor like, TensorArena arena) {
        long[] shape = {1, config.keyValueHeads(), capacity, config.headWidth()};
        try (TensorScope _ = TensorScope.open()) {
            return new KeyValueCache(
                    capacity,
                    arena.own(Tensor.empty(like.type(), like.device(), shape)),
                    arena.own(Tensor.empty(like.type(), like.device(), shape)));
        }
    }

    /// Keeps what later tokens will read of a prompt; the prompt itself reads all of its own.
    ///
    /// @param prompt  `[1, M, T, d]`
    /// @param padding tokens in front that are not real
    /// @return the prompt's own
    KeyValue begin(KeyValue prompt, long padding) {
        long length = prompt.key().size(TOKENS);
        taken = Math.min(length - padding, capacity);
        keys.narrow(TOKENS, 0, taken).copyInPlace(prompt.key().narrow(TOKENS, length - taken, taken));
        values.narrow(TOKENS, 0, taken).copyInPlace(prompt.value().narrow(TOKENS, length - taken, taken));
        next = taken % capacity;
        return prompt;
    }

    /// Adds one token.
    ///
    /// @param token `[1, M, 1, d]`
    /// @return all that it reads, itself included, `[1, M, n, d]`: views, good until the next token
    KeyValue append(KeyValue token) {
        keys.narrow(TOKENS, next, 1).copyInPlace(token.key());
        values.narrow(TOKENS, next, 1).copyInPlace(token.value());
        next = (next + 1) % capacity;
        taken = Math.min(taken + 1, capacity);
        return new KeyValue(keys.narrow(TOKENS, 0, taken), values.narrow(TOKENS, 0, taken));
    }

    /// Bytes of its memory.
    long bytes() {
        return keys.bytes() + values.bytes();
    }
}
