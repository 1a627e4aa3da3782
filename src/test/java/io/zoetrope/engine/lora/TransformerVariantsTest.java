package io.zoetrope.engine.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.CheckpointException;
import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.transformer.TinyTransformer;
import io.zoetrope.engine.transformer.Transformer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Transformers with LoRAs and the one without, on the tiny model's weights in float32.
class TransformerVariantsTest {

    private static final int SWITCHES = 10;
    private static final long UNLIMITED = Long.MAX_VALUE;
    /// What the rounds of the memory test would leave behind if variants stayed.
    private static final long LEAK = 64L << 20;

    private TensorArena arena;
    private TinyTransformer tiny;
    private Lora distilled;
    private long tensors;

    @BeforeEach
    void load() {
        arena = new TensorArena();
        // Closed at once: in float32 every tensor of the bfloat16 file is in memory. Who reads the file again, fails.
        try (Checkpoint checkpoint = TinyTransformer.open()) {
            tiny = TinyTransformer.load(checkpoint, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE, arena);
            tensors = checkpoint.entries().keySet().stream()
                    .filter(key -> key.startsWith(TinyTransformer.PREFIX) && !key.contains("embeddings_connector"))
                    .count();
        }
        distilled = arena.own(Lora.open(TinyTransformer.LORA));
    }

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void switchingBackAndForthLeavesTheBaseBitForBitAndReadsNoFile() {
        Map<String, String> digests = digests();
        assertEquals(tensors, digests.size());
        float[] plain = tiny.velocities();
        try (TransformerVariants variants = variants(0)) {
            float[] changed = null;
            for (int round = 0; round < SWITCHES; round++) {
                try (var use = variants.with(at(1))) {
                    float[] found = tiny.velocities(use.transformer());
                    assertFalse(Arrays.equals(plain, found), "the LoRA changes nothing");
                    assertArrayEquals(changed == null ? found : changed, found);
                    changed = found;
                }
                try (var use = variants.with(List.of())) {
                    assertSame(tiny.transformer(), use.transformer());
                    assertArrayEquals(plain, tiny.velocities(use.transformer()));
                }
            }
        }
        assertEquals(digests, digests());
    }

    @Test
    void variantsLeaveNoMemoryBehind() {
        try (TransformerVariants variants = variants(0)) {
            long variant = variants.bytesOf(at(1));
            int rounds = (int) (LEAK / variant);
            // Whatever is not freed stays: these hold the tensors' handles, so that no garbage collection frees them.
            List<TransformerVariants.Use> uses = new ArrayList<>();
            long smallestGrowth = UNLIMITED; // the rest of the process may grow at the same time
            for (int attempt = 0; attempt < 4 && smallestGrowth > LEAK / 4; attempt++) {
                long before = Pointer.physicalBytes();
                for (int round = 0; round < rounds; round++) {
                    var use = variants.with(at(1 + round));
                    uses.add(use);
                    use.close();
                    assertEquals(0, variants.variantBytes());
                }
                smallestGrowth = Math.min(smallestGrowth, Pointer.physicalBytes() - before);
            }
            assertTrue(smallestGrowth <= LEAK / 4, "resident memory grew by %d bytes".formatted(smallestGrowth));
        }
    }

    @Test
    void onlyTheTouchedLayersAreNew() {
        Map<String, LinearWeight> layers = tiny.weights().linears();
        String touched = "transformer_blocks.0.attn1.to_q";
        try (TensorArena own = new TensorArena()) {
            var fused = FusedWeights.of(layers, at(0.5), FusionRule.EXACT, own);
            assertEquals(
                    distilled.layerNames(),
                    fused.weights().keySet().stream().sorted().toList());
            Weights overlaid = tiny.weights().overlaid(fused.weights(), own);
            Transformer.load(tiny.transformer().config(), overlaid);
            overlaid.finish("transformer");
            overlaid.linears().forEach((layer, weight) -> {
                if (fused.weights().containsKey(layer)) {
                    assertSame(fused.weights().get(layer), weight);
                    assertNotSame(layers.get(layer), weight);
                } else {
                    assertSame(layers.get(layer), weight, layer);
                }
            });
            assertEquals(
                    List.copyOf(layers.keySet()), List.copyOf(overlaid.linears().keySet()));
            assertSame(
                    tiny.weights().tensor("scale_shift_table", Tensor.ANY, Tensor.ANY),
                    overlaid.tensor("scale_shift_table", Tensor.ANY, Tensor.ANY));
            assertSame(
                    tiny.weights().under(touched).linearBias(Tensor.ANY),
                    overlaid.under(touched).linearBias(Tensor.ANY));
        }
    }

    /// Against sums of products in double precision.
    @Test
    void changesAreAddedExactlyInFloat32() {
        String layer = "transformer_blocks.1.ff.net.0.proj";
        try (TensorScope _ = TensorScope.open();
                TensorArena own = new TensorArena();
                Lora style = new LoraFiles()
                        .layer("diffusion_model." + layer, 3, 64, 256)
                        .open("style")) {
            LinearWeight base = tiny.weights().linears().get(layer);
            var loras = List.of(new LoraStrength(distilled, 0.8), new LoraStrength(style, -0.3));
            LinearWeight fused = FusedWeights.of(Map.of(layer, base), loras, FusionRule.EXACT, own)
                    .weights()
                    .get(layer);
            Tensor expected = base.stored().to(DataType.FLOAT64);
            for (LoraStrength part : loras) {
                Lora.Layer change = part.lora().layers().get(layer);
                Tensor up = part.lora().up(change).to(DataType.FLOAT64);
                Tensor down = part.lora().down(change).to(DataType.FLOAT64);
                expected = expected.plus(up.matmul(down).times(part.strength()));
            }
            assertArrayEquals(expected.toFloatArray(), fused.stored().toFloatArray(), 1e-6f);
        }
    }

    @Test
    void anAlphaInTheFileScalesTheChange() {
        String stem = "diffusion_model.proj_out";
        LoraFiles files = new LoraFiles().layer(stem, 4, 64, 16);
        try (TensorScope _ = TensorScope.open();
                TensorArena own = new TensorArena();
                Lora plain = files.open("plain");
                Lora scaled = files.tensor(stem + ".alpha", Tensor.scalar(2)).open("scaled")) {
            float[] half = fused(plain, 0.5, own);
            assertArrayEquals(half, fused(scaled, 1, own), 1e-6f);
            assertFalse(Arrays.equals(half, fused(plain, 1, own)));
        }
    }

    @Test
    void strengthsOfZeroAreTheBaseItself() {
        try (TransformerVariants variants = variants(UNLIMITED);
                var use = variants.with(at(0))) {
            assertSame(tiny.transformer(), use.transformer());
            assertEquals(0, variants.variantBytes());
        }
    }

    @Test
    void variantsAreKeptUpToABoundTheLastUsedFirst() {
        try (TransformerVariants counting = variants(0)) {
            long one = counting.bytesOf(at(1));
            try (TransformerVariants variants = variants(2 * one)) {
                Transformer first = transformerAt(variants, 1);
                Transformer second = transformerAt(variants, 2);
                assertSame(first, transformerAt(variants, 1));
                assertEquals(2 * one, variants.variantBytes());
                transformerAt(variants, 3); // for which the second has to go
                assertEquals(2 * one, variants.variantBytes());
                assertSame(first, transformerAt(variants, 1));
                assertNotSame(second, transformerAt(variants, 2));
            }
        }
    }

    @Test
    void variantsInUseAreNotFreed() {
        try (TransformerVariants variants = variants(0)) {
            long one = variants.bytesOf(at(1));
            try (var first = variants.with(at(1));
                    var second = variants.with(at(2))) {
                assertEquals(2 * one, variants.variantBytes());
                float[] before = tiny.velocities(first.transformer());
                variants.with(at(3)).close();
                assertEquals(2 * one, variants.variantBytes());
                assertArrayEquals(before, tiny.velocities(first.transformer()));
                assertFalse(Arrays.equals(before, tiny.velocities(second.transformer())));
            }
            assertEquals(0, variants.variantBytes());
        }
    }

    @Test
    void whatDoesNotFitIsListedForAllLoras() {
        try (TensorScope _ = TensorScope.open();
                TransformerVariants variants = variants(0);
                Lora misshapen = new LoraFiles()
                        .layer("diffusion_model.proj_out", 2, 64, 17)
                        .layer("diffusion_model.patchify_proj", 2, 15, 64)
                        .open("misshapen");
                Lora foreign = new LoraFiles()
                        .layer("diffusion_model.blocks.0.q", 2, 3, 4)
                        .open("foreign")) {
            var loras = List.of(
                    new LoraStrength(misshapen, 1), new LoraStrength(distilled, 1), new LoraStrength(foreign, 1));
            CheckpointException refused = assertThrows(CheckpointException.class, () -> variants.with(loras));
            assertEquals(
                    List.of(
                            "misshapen: patchify_proj is [64, 15], expected [64, 16]",
                            "misshapen: proj_out is [17, 64], expected [16, 64]",
                            "foreign: none of its 1 layers is in the transformer, such as blocks.0.q"),
                    refused.problems());
            assertEquals(0, variants.variantBytes());
        }
    }

    @Test
    void whatIsIgnoredIsReported() {
        try (TensorScope _ = TensorScope.open();
                TransformerVariants variants = variants(0);
                Lora larger = new LoraFiles()
                        .layer("diffusion_model.proj_out", 2, 64, 16)
                        .layer("diffusion_model.transformer_blocks.47.attn1.to_q", 2, 64, 64)
                        .layer(
                                "diffusion_model.video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q",
                                2,
                                48,
                                48)
                        .layer("text_embedding_projection.aggregate_embed", 2, 3, 4)
                        .open("larger");
                var use = variants.with(List.of(new LoraStrength(larger, 1)))) {
            LoraMatch match = use.matches().getFirst();
            assertEquals(List.of("proj_out"), match.matched());
            assertEquals(
                    List.of(
                            "text_embedding_projection.aggregate_embed.lora_A.weight",
                            "text_embedding_projection.aggregate_embed.lora_B.weight",
                            "transformer_blocks.47.attn1.to_q",
                            "video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"),
                    match.ignored());
        }
    }

    @Test
    void aStrengthThatIsNoNumberIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new LoraStrength(distilled, Double.NaN));
    }

    private TransformerVariants variants(long cacheBytes) {
        return TransformerVariants.of(tiny.transformer(), tiny.weights(), cacheBytes);
    }

    private List<LoraStrength> at(double strength) {
        return List.of(new LoraStrength(distilled, strength));
    }

    private Transformer transformerAt(TransformerVariants variants, double strength) {
        try (var use = variants.with(at(strength))) {
            return use.transformer();
        }
    }

    private float[] fused(Lora lora, double strength, TensorArena own) {
        return FusedWeights.of(
                        tiny.weights().linears(), List.of(new LoraStrength(lora, strength)), FusionRule.EXACT, own)
                .weights()
                .get("proj_out")
                .stored()
                .toFloatArray();
    }

    /// Of every tensor that the base was built from, by its key.
    private Map<String, String> digests() {
        Map<String, String> digests = new TreeMap<>();
        tiny.weights().handedOut().forEach((key, tensor) -> digests.put(key, digest(tensor)));
        return digests;
    }

    private static String digest(Tensor tensor) {
        try (TensorScope _ = TensorScope.open()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(tensor.contiguous().memory().asByteBuffer());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
