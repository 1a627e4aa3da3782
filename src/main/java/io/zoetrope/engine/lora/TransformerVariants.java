package io.zoetrope.engine.lora;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.transformer.Transformer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// One transformer with different LoRAs fused into it.
///
///     try (TransformerVariants.Use use = variants.with(loras)) {
///         use.transformer().forward(…);
///     }
///
/// A variant owns the weights that its LoRAs touch and shares all others with the base, which is neither changed nor
/// read again. The last variants are kept, up to a number of bytes, so that switching back and forth costs nothing.
/// For one thread at a time.
public final class TransformerVariants implements AutoCloseable {

    /// A transformer for as long as this is open.
    public final class Use implements AutoCloseable {

        private Variant variant; // null for the base, and once this is closed
        private final Transformer transformer;
        private final FusedWeights fused;

        private Use(Transformer transformer, Variant variant, FusedWeights fused) {
            this.transformer = transformer;
            this.variant = variant;
            this.fused = fused;
            if (variant != null) {
                variant.users++;
            }
        }

        public Transformer transformer() {
            return transformer;
        }

        /// What of each LoRA fitted; empty for the base.
        public List<LoraMatch> matches() {
            return fused.matches();
        }

        /// The layers that differ from the base's.
        Map<String, LinearWeight> weights() {
            return fused.weights();
        }

        @Override
        public void close() {
            if (variant != null) {
                variant.users--;
                variant = null;
                evictTo(cacheBytes);
            }
        }
    }

    /// Makes a transformer of weights.
    @FunctionalInterface
    public interface Builder {

        /// @param weights cursor on the transformer's weights
        /// @param arena   owns what is made besides
        Transformer build(Weights weights, TensorArena arena);
    }

    private record Key(List<LoraStrength> loras, FusionRule rule) {}

    private static final class Variant {
        private final TensorArena arena;
        private final Transformer transformer;
        private final FusedWeights fused;
        private final long bytes;
        private int users;

        Variant(TensorArena arena, Transformer transformer, FusedWeights fused, long bytes) {
            this.arena = arena;
            this.transformer = transformer;
            this.fused = fused;
            this.bytes = bytes;
        }
    }

    private static final System.Logger LOG = System.getLogger(TransformerVariants.class.getName());

    private final Transformer base;
    private final Weights weights;
    private final long cacheBytes;
    private final Builder builder;
    private final SequencedMap<Key, Variant> variants = new LinkedHashMap<>(); // the last used is the last

    private TransformerVariants(Transformer base, Weights weights, long cacheBytes, Builder builder) {
        this.base = base;
        this.weights = weights;
        this.cacheBytes = cacheBytes;
        this.builder = builder;
    }

    /// @param weights    the cursor that `base` was built on; it and its arena must outlive this
    /// @param cacheBytes of weights that variants may keep while nobody uses them; 0 keeps none
    public static TransformerVariants of(Transformer base, Weights weights, long cacheBytes) {
        return of(base, weights, cacheBytes, (own, _) -> Transformer.load(base.config(), own));
    }

    /// @param weights    the cursor that `base` was built on; it and its arena must outlive this
    /// @param cacheBytes of weights that variants may keep while nobody uses them; 0 keeps none
    /// @param builder    that made `base`
    public static TransformerVariants of(Transformer base, Weights weights, long cacheBytes, Builder builder) {
        return new TransformerVariants(base, weights, cacheBytes, builder);
    }

    /// The transformer without any LoRA; always there.
    public Transformer base() {
        return base;
    }

    /// The transformer with LoRAs, fused by the rule of its own type.
    public Use with(List<LoraStrength> loras) {
        return with(loras, FusionRule.of(base.type()));
    }

    /// The transformer with LoRAs. Those of strength 0 are left out, and none at all is the base.
    ///
    /// @param loras in the order of adding; their files are read, unless the variant is still there
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException listing every layer of another shape, and every
    ///         LoRA of which nothing fits
    public Use with(List<LoraStrength> loras, FusionRule rule) {
        List<LoraStrength> effective =
                loras.stream().filter(lora -> lora.strength() != 0).toList();
        if (effective.isEmpty()) {
            return new Use(base, null, new FusedWeights(Map.of(), List.of()));
        }
        Key key = new Key(effective, rule);
        Variant variant = Optional.ofNullable(variants.remove(key)).orElseGet(() -> built(key));
        variants.putLast(key, variant);
        return new Use(variant.transformer, variant, variant.fused);
    }

    /// Bytes of the weights that `loras` touch: what their variant needs besides the base.
    ///
    /// @throws io.zoetrope.engine.checkpoint.CheckpointException as in [#with]
    public long bytesOf(List<LoraStrength> loras) {
        Map<String, LinearWeight> layers = weights.linears();
        List<Lora> effective = loras.stream()
                .filter(lora -> lora.strength() != 0)
                .map(LoraStrength::lora)
                .toList();
        return LoraMatch.touched(LoraMatch.of(effective, layers)).stream()
                .mapToLong(layer -> layers.get(layer).bytes())
                .sum();
    }

    /// Bytes of all variants that exist now.
    public long variantBytes() {
        return variants.values().stream().mapToLong(variant -> variant.bytes).sum();
    }

    /// Frees all variants, used or not; the base stays.
    @Override
    public void close() {
        variants.values().forEach(variant -> variant.arena.close());
        variants.clear();
    }

    private Variant built(Key key) {
        long bytes = bytesOf(key.loras());
        evictTo(cacheBytes - bytes); // before there are both
        TensorArena arena = new TensorArena();
        try {
            FusedWeights fused = FusedWeights.of(weights.linears(), key.loras(), key.rule(), arena);
            Transformer transformer = builder.build(weights.overlaid(fused.weights(), arena), arena);
            fused.matches().stream()
                    .filter(match -> !match.ignored().isEmpty())
                    .forEach(match -> LOG.log(System.Logger.Level.WARNING, match));
            return new Variant(arena, transformer, fused, bytes);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /// Frees the variants that were used least recently until the unused ones have at most `bytes`.
    private void evictTo(long bytes) {
        long kept = variants.values().stream()
                .filter(variant -> variant.users == 0)
                .mapToLong(variant -> variant.bytes)
                .sum();
        var candidates = variants.values().iterator();
        while (kept > Math.max(0, bytes) && candidates.hasNext()) {
            Variant variant = candidates.next();
            if (variant.users == 0) {
                kept -= variant.bytes;
                candidates.remove();
                variant.arena.close();
            }
        }
    }
}
