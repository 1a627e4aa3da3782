package io.zoetrope.engine.text;

import io.zoetrope.engine.layer.Attention.KeyValue;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.GemmaConfig.LayerType;
import io.zoetrope.engine.text.GemmaLayer.Reach;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/// One text while the text model writes it: the prompt in one pass, then one token at a time, each at the cost of
/// one token. What a pass needs is allocated here once. For one thread.
///
///     prompt [n] ─ begin ─┐
///                         ├─ scores of the next token [V]
///     token ───── append ─┘
final class GemmaGeneration implements AutoCloseable {

    private final TensorArena arena = new TensorArena();
    private final GemmaModel model;
    private final int capacity;
    private final Map<LayerType, RotaryTable> rotations; // of `capacity` tokens
    private final List<KeyValueCache> caches; // of the layers
    private int length; // tokens so far, padding included

    GemmaGeneration(GemmaModel model, int capacity) {
        this.model = model;
        this.capacity = capacity;
        try (TensorScope _ = TensorScope.open()) {
            rotations = model.rotations(capacity);
            rotations.values().forEach(rotation -> rotation.keptBy(arena));
            caches = model.caches(capacity, arena);
        } catch (RuntimeException e) {
            arena.close(); // there may be no memory for all of it
            throw e;
        }
    }

    /// Reads a prompt.
    ///
    /// @param padding tokens to put in front; they influence nothing but roundings
    /// @return scores of the token after it, `[V]`
    /// @throws IllegalArgumentException if the prompt is empty or there is no room for it
    Tensor begin(long[] ids, int padding) {
        int row = ids.length + padding;
        if (length != 0 || ids.length == 0 || row > capacity) {
            throw new IllegalArgumentException("prompt of %d tokens after %d of padding and %d others, expected 1 to %d"
                    .formatted(ids.length, padding, length, capacity));
        }
        try (TensorScope scope = TensorScope.open()) {
            PaddedPrompt prompt = PaddedPrompt.of(ids, row);
            Map<LayerType, Reach> reaches = model.reaches(prompt.mask().to(model.device()), rotations(0, row));
            Tensor hidden = model.embed(prompt.ids().to(model.device())); // [1, T, H]
            hidden = throughLayers(hidden, reaches, (cache, keyValue) -> cache.begin(keyValue, padding));
            length = row;
            return scope.keep(model.scores(hidden.narrow(1, row - 1L, 1)).view(-1));
        }
    }

    /// Adds a token to the text.
    ///
    /// @return scores of the token after it, `[V]`
    /// @throws IllegalStateException if the text is full, or has not begun
    Tensor append(long id) {
        if (length == 0 || length == capacity) {
            throw new IllegalStateException("text of %d tokens, expected 1 to %d".formatted(length, capacity - 1));
        }
        try (TensorScope scope = TensorScope.open()) {
            Map<LayerType, RotaryTable> here = rotations(length, 1);
            Map<LayerType, Reach> reaches = Map.of(
                    LayerType.GLOBAL, new Reach(here.get(LayerType.GLOBAL), null),
                    LayerType.SLIDING, new Reach(here.get(LayerType.SLIDING), null));
            Tensor hidden = model.embed(Tensor.of(new long[] {id}, 1, 1).to(model.device())); // [1, 1, H]
            hidden = throughLayers(hidden, reaches, KeyValueCache::append);
            length++;
            return scope.keep(model.scores(hidden).view(-1));
        }
    }

    /// Bytes that the caches take.
    long cacheBytes() {
        return caches.stream().mapToLong(KeyValueCache::bytes).sum();
    }

    @Override
    public void close() {
        arena.close();
    }

    /// What comes out of one layer is freed as soon as the next has read it.
    private Tensor throughLayers(
            Tensor embedded, Map<LayerType, Reach> reaches, BiFunction<KeyValueCache, KeyValue, KeyValue> memory) {
        Tensor hidden = embedded;
        for (int layer = 0; layer < caches.size(); layer++) {
            KeyValueCache cache = caches.get(layer);
            Tensor result = model.layer(layer, hidden, reaches, keyValue -> memory.apply(cache, keyValue));
            hidden.close();
            hidden = result;
        }
        return hidden;
    }

    private Map<LayerType, RotaryTable> rotations(int start, int count) {
        return Map.of(
                LayerType.GLOBAL, rotations.get(LayerType.GLOBAL).tokens(start, count),
                LayerType.SLIDING, rotations.get(LayerType.SLIDING).tokens(start, count));
    }
}
