package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GemmaModelTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/gemma");

    @Test
    void realTokensAloneBecomeWhatTheyBecomeInAPaddedRow() {
        try (GoldenCase golden = GoldenCase.open(GOLDEN.resolve("small.safetensors"), Device.CPU);
                TensorArena arena = new TensorArena();
                TensorScope _ = TensorScope.open()) {
            GemmaModel gemma = load(golden, arena);
            Tensor ids = golden.input("input_ids"); // [B, T]
            Tensor mask = golden.input("attention_mask");
            List<Tensor> padded = gemma.forward(ids, mask);
            for (int sample = 0; sample < ids.size(0); sample++) {
                long tokens =
                        Arrays.stream(mask.select(0, sample).toLongArray()).sum();
                long padding = ids.size(1) - tokens;
                List<Tensor> alone = gemma.forward(ids.narrow(0, sample, 1).narrow(1, padding, tokens));
                assertEquals(padded.size(), alone.size());
                for (int state = 0; state < alone.size(); state++) {
                    Tensor expected = padded.get(state).narrow(0, sample, 1).narrow(1, padding, tokens);
                    assertTrue(difference(alone.get(state), expected) < 1e-5, "state " + state);
                }
            }
        }
    }

    /// Kernels differ in what they make of a query that sees nothing; so there must be none.
    @Test
    void tokensSeeRealOnesUpToThemselvesWithinTheWindowAndPaddingSeesItself() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor mask = Tensor.of(new long[] {0, 0, 1, 1, 1}, 1, 5);
            long[] inWindow = {
                1, 0, 0, 0, 0, //
                0, 1, 0, 0, 0, //
                0, 0, 1, 0, 0, //
                0, 0, 1, 1, 0, //
                0, 0, 0, 1, 1
            };
            long[] everywhere = inWindow.clone();
            everywhere[4 * 5 + 2] = 1;
            assertArrayEquals(inWindow, GemmaModel.visible(mask, 5, 2).toLongArray());
            assertArrayEquals(
                    everywhere, GemmaModel.visible(mask, 5, Long.MAX_VALUE).toLongArray());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"small.safetensors", "small_bf16.safetensors"})
    void paddingBecomesNoNaN(String name) {
        try (GoldenCase golden = GoldenCase.open(GOLDEN.resolve(name), Device.CPU);
                TensorArena arena = new TensorArena();
                TensorScope _ = TensorScope.open()) {
            GemmaModel gemma = load(golden, arena);
            Tensor mask = golden.input("attention_mask");
            assertTrue(mask.equalTo(0).any(), "the case has no padding");
            gemma.forward(golden.input("input_ids"), mask).forEach(state -> assertTrue(state.isFinite()));
        }
    }

    @Test
    void bfloat16IsAsNearToTheTruthAsTheReferencesIs() {
        try (GoldenCase golden = GoldenCase.open(GOLDEN.resolve("small_bf16.safetensors"), Device.CPU);
                TensorArena arena = new TensorArena();
                TensorScope _ = TensorScope.open()) {
            Tensor mask = golden.input("attention_mask"); // [1, T]
            Tensor real = mask.to(DataType.FLOAT32).view(1, mask.size(1), 1, 1);
            Tensor truth = golden.traces().get("hidden_states_fp32"); // [1, T, H, L + 1]
            Tensor theirs = golden.outputs().get("hidden_states");
            Tensor ours = Tensor.stack(
                    -1,
                    load(golden, arena).forward(golden.input("input_ids"), mask).toArray(Tensor[]::new));
            double ratio = distance(ours, truth, real) / distance(theirs, truth, real);
            assertTrue(ratio <= 1.5, "%s times the reference's distance".formatted(ratio));
        }
    }

    /// 40 has the root 6.3246; the nearest bfloat16 is 6.3125.
    @Test
    void theScaleOfTheEmbeddingIsRoundedLikeIt() {
        assertEquals(Math.sqrt(40), scaleOfTheEmbedding("small.safetensors"), 1e-6);
        assertEquals(6.3125, scaleOfTheEmbedding("small_bf16.safetensors"), 2e-3);
    }

    private static double scaleOfTheEmbedding(String name) {
        try (GoldenCase golden = GoldenCase.open(GOLDEN.resolve(name), Device.CPU);
                TensorArena arena = new TensorArena();
                TensorScope _ = TensorScope.open()) {
            Tensor ids = golden.input("input_ids");
            Tensor table = golden.weights(golden.outputType(), arena)
                    .under("language_model.model")
                    .tensor("embed_tokens.weight", Tensor.ANY, Tensor.ANY);
            Tensor scaled = load(golden, arena).forward(ids).getFirst().to(DataType.FLOAT32);
            Tensor rows = table.embedding(ids).to(DataType.FLOAT32);
            double size = rows.absolute().sumAll().item();
            return scaled.absolute().sumAll().item() / size; // the products' own roundings average out
        }
    }

    private static GemmaModel load(GoldenCase golden, TensorArena arena) {
        return GemmaModel.load(
                GemmaConfig.of(golden.config()),
                golden.weights(golden.outputType(), arena).under("language_model.model"));
    }

    private static double distance(Tensor ours, Tensor truth, Tensor real) {
        return ours.to(DataType.FLOAT32)
                .minus(truth)
                .absolute()
                .times(real)
                .sumAll()
                .item();
    }

    private static double difference(Tensor ours, Tensor theirs) {
        return ours.minus(theirs).absolute().maximum(0, 1, 2).item();
    }
}
