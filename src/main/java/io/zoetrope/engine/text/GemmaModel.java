package io.zoetrope.engine.text;

import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.layer.Attention.KeyValue;
import io.zoetrope.engine.layer.RotaryTable;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.GemmaConfig.LayerType;
import io.zoetrope.engine.text.GemmaLayer.Reach;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The Gemma 3 text model: all its hidden states, for the encoder, and the next token, for who writes with it.
public final class GemmaModel {

    private final GemmaConfig config;
    private final Tensor embedding; // [V, H]
    private final Tensor scale; // []
    private final List<GemmaLayer> layers;
    private final GemmaNorm norm;

    private GemmaModel(GemmaConfig config, Tensor embedding, Tensor scale, List<GemmaLayer> layers, GemmaNorm norm) {
        this.config = config;
        this.embedding = embedding;
        this.scale = scale;
        this.layers = layers;
        this.norm = norm;
    }

    /// @param weights at the language model, without the prefix
    public static GemmaModel load(GemmaConfig config, Weights weights) {
        List<GemmaLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers().size(); layer++) {
            layers.add(new GemmaLayer(config, weights.under("layers", layer)));
        }
        Tensor embedding = weights.tensor("embed_tokens.weight", config.vocabulary(), config.width());
        return new GemmaModel(
                config,
                embedding,
                scale(config, embedding, weights),
                List.copyOf(layers),
                GemmaNorm.load(config.width(), config.epsilon(), weights.under("norm")));
    }

    /// Rounded like the embedding: 62 instead of 61.97 for the published model in bfloat16.
    private static Tensor scale(GemmaConfig config, Tensor embedding, Weights weights) {
        try (TensorScope _ = TensorScope.open()) {
            return weights.derived(Tensor.scalar(Math.sqrt(config.width())).like(embedding));
        }
    }

    public GemmaConfig config() {
        return config;
    }

    /// Hidden states of one prompt without padding: padding never influences real tokens, so it need not be
    /// computed.
    ///
    /// @param ids int64 `[1, n]`
    /// @return L + 1 states `[1, n, H]`: the scaled embedding, then the result of each layer, the last one
    ///         normalised
    public List<Tensor> forward(Tensor ids) {
        return forward(ids, Tensor.ones(DataType.INT64, embedding.device(), ids.shape()));
    }

    /// Hidden states of padded prompts.
    ///
    /// @param ids  int64 `[B, T]`
    /// @param mask int64 `[B, T]`, 1 for real tokens; rows of others hold finite numbers without meaning
    /// @return L + 1 states `[B, T, H]`
    public List<Tensor> forward(Tensor ids, Tensor mask) {
        try (TensorScope scope = TensorScope.open()) {
            long length = ids.size(1);
            Map<LayerType, Reach> reaches = reaches(mask, rotations(length));
            List<Tensor> states = new ArrayList<>();
            Tensor hidden = scope.keep(embed(ids));
            states.add(hidden);
            for (int layer = 0; layer < layers.size(); layer++) {
                hidden = scope.keep(layer(layer, hidden, reaches, UnaryOperator.identity()));
                states.add(hidden);
            }
            states.set(layers.size(), scope.keep(norm.forward(hidden)));
            return states;
        }
    }

    /// Begins a text that this model goes on with, token by token; it shares the weights.
    ///
    /// @param capacity tokens at most, padding and prompt included
    GemmaGeneration generation(int capacity) {
        return new GemmaGeneration(this, capacity);
    }

    /// Bytes of the keys and values that a text of `tokens` tokens keeps: a window's in sliding layers, all in
    /// others.
    public long cacheBytes(long tokens) {
        return config.cacheElements(tokens) * embedding.type().bytes();
    }

    /// @param ids int64 `[B, T]`
    /// @return `[B, T, H]`
    Tensor embed(Tensor ids) {
        return embedding.embedding(ids).times(scale);
    }

    /// The residual stream after layer `index`.
    Tensor layer(int index, Tensor hidden, Map<LayerType, Reach> reaches, UnaryOperator<KeyValue> memory) {
        try (TensorScope scope = TensorScope.open()) {
            Reach reach = reaches.get(config.layers().get(index));
            return scope.keep(layers.get(index).forward(hidden, reach, memory));
        }
    }

    /// Scores of every possible next token. The head is the embedding itself.
    ///
    /// @param hidden residual stream after the last layer, `[B, T, H]`
    /// @return `[B, T, V]`
    Tensor scores(Tensor hidden) {
        return norm.forward(hidden).linear(embedding, null);
    }

    /// What layers see in a pass over whole rows.
    ///
    /// @param mask int64 `[B, T]`, 1 for real tokens
    Map<LayerType, Reach> reaches(Tensor mask, Map<LayerType, RotaryTable> rotations) {
        long length = mask.size(1);
        Tensor visible = visible(mask, length, Long.MAX_VALUE);
        Tensor visibleInWindow =
                config.slidingWindow() >= length ? visible : visible(mask, length, config.slidingWindow());
        return Map.of(
                LayerType.GLOBAL, new Reach(rotations.get(LayerType.GLOBAL), visible),
                LayerType.SLIDING, new Reach(rotations.get(LayerType.SLIDING), visibleInWindow));
    }

    /// Both kinds' rotations of tokens 0 … length - 1.
    Map<LayerType, RotaryTable> rotations(long length) {
        return Map.of(
                LayerType.GLOBAL, rotation(config.globalRotary(), length),
                LayerType.SLIDING, rotation(config.slidingRotary(), length));
    }

    /// Empty caches of all layers.
    List<KeyValueCache> caches(long capacity, TensorArena arena) {
        return config.layers().stream()
                .map(type -> KeyValueCache.allocate(config, config.keys(type, capacity), embedding, arena))
                .toList();
    }

    Device device() {
        return embedding.device();
    }

    /// The tokenizer and the text model come in two files, which may not belong together.
    ///
    /// @throws IllegalArgumentException for a token that the model does not know
    void requireKnown(long... ids) {
        Arrays.stream(ids)
                .filter(id -> id < 0 || id >= config.vocabulary())
                .findFirst()
                .ifPresent(id -> {
                    throw new IllegalArgumentException(
                            "token %d, but the text model knows 0 to %d: the tokenizer is not its own"
                                    .formatted(id, config.vocabulary() - 1));
                });
    }

    /// A query sees keys up to itself, within the window, that are real; and itself in any case, lest a padded
    /// row has nothing to see and becomes NaN.
    ///
    /// @return boolean `[B, 1, T, T]`
    static Tensor visible(Tensor mask, long length, long window) {
        Tensor places = Tensor.range(length, DataType.INT64).to(mask.device());
        Tensor distance = places.unsqueeze(1).minus(places.unsqueeze(0)); // query minus key
        Tensor reachable = distance.greaterThan(-1);
        if (window < length) {
            reachable = reachable.and(distance.greaterThan(window - 1.0).not());
        }
        Tensor real = mask.equalTo(1).unsqueeze(1).unsqueeze(1); // [B, 1, 1, T]
        return reachable.and(real).or(distance.equalTo(0));
    }

    private RotaryTable rotation(GemmaConfig.Rotary rotary, long length) {
        int half = config.headWidth() / 2;
        Tensor exponents = Tensor.range(half, DataType.FLOAT32).times(2).dividedBy(config.headWidth());
        Tensor frequencies =
                Tensor.power(rotary.theta(), exponents).reciprocal().dividedBy(rotary.factor());
        Tensor angles = Tensor.range(length, DataType.FLOAT32).unsqueeze(1).times(frequencies); // [T, d/2]
        Tensor parted = angles.view(1, 1, length, half);
        return RotaryTable.of(
                RotaryTable.Type.SPLIT,
                config.heads(),
                parted.cos().like(embedding),
                parted.sin().like(embedding));
    }
}
