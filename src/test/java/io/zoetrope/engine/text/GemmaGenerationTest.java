package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.GemmaConfig.LayerType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// With a text model whose window, 16 tokens, is shorter than the texts here.
class GemmaGenerationTest {

    private static final Path GEMMA = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official/gemma");
    private static final int LENGTH = 60;
    private static final long[] TEXT = text();

    private static TensorArena arena;
    private static GemmaModel gemma;

    @BeforeAll
    static void load() {
        arena = new TensorArena();
        gemma = load(DataType.FLOAT32);
    }

    @AfterAll
    static void close() {
        arena.close();
    }

    @Test
    void theTextsAreLongerThanTheWindowAndBothKindsOfLayersAreThere() {
        assertEquals(16, gemma.config().slidingWindow());
        assertTrue(gemma.config().layers().containsAll(Arrays.asList(LayerType.values())));
    }

    @ParameterizedTest(name = "prompt of {0}, padding of {1}")
    @CsvSource({"1, 0", "1, 7", "2, 0", "15, 0", "16, 0", "17, 0", "15, 1", "16, 3", "17, 7", "33, 0", "47, 5", "59, 0"
    })
    void everyPositionsScoresAreThoseOfAPassOverTheWholeText(int prompt, int padding) {
        try (TensorScope _ = TensorScope.open();
                GemmaGeneration generation = gemma.generation(LENGTH + padding)) {
            Tensor whole = scoresOfTheWholeText(gemma); // [LENGTH, V]
            Tensor scores = generation.begin(Arrays.copyOf(TEXT, prompt), padding);
            assertNear(whole.select(0, prompt - 1), scores, prompt - 1);
            for (int place = prompt; place < LENGTH; place++) {
                assertNear(whole.select(0, place), generation.append(TEXT[place]), place);
            }
        }
    }

    /// The steps' kernels sum in another order than the pass', so bfloat16 differs, by its own roundings.
    @Test
    void bfloat16StaysNearFloat32() {
        GemmaModel rounded = load(DataType.BFLOAT16);
        try (TensorScope _ = TensorScope.open();
                GemmaGeneration generation = rounded.generation(LENGTH)) {
            Tensor truth = scoresOfTheWholeText(gemma);
            Tensor whole = scoresOfTheWholeText(rounded).to(DataType.FLOAT32);
            generation.begin(Arrays.copyOf(TEXT, 20), 0);
            for (int place = 20; place < LENGTH; place++) {
                Tensor step = generation.append(TEXT[place]).to(DataType.FLOAT32);
                double ofStep = meanDifference(truth.select(0, place), step);
                double ofPass = meanDifference(truth.select(0, place), whole.select(0, place));
                assertTrue(ofStep < 2 * ofPass, "%s at %d, the pass' is %s".formatted(ofStep, place, ofPass));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 60})
    void theCachesTakeWhatIsPredicted(int tokens) {
        try (GemmaGeneration generation = gemma.generation(tokens)) {
            assertEquals(gemma.cacheBytes(tokens), generation.cacheBytes());
            long perToken = 2 * 2 * 16 * 4; // key and value, heads, head width, bytes
            assertEquals(perToken * (tokens + 3L * Math.min(tokens, 16)), generation.cacheBytes());
        }
    }

    @Test
    void aFullTextTakesNoMore() {
        try (TensorScope _ = TensorScope.open();
                GemmaGeneration generation = gemma.generation(4)) {
            assertThrows(IllegalStateException.class, () -> generation.append(3));
            assertThrows(IllegalArgumentException.class, () -> generation.begin(new long[0], 1));
            assertThrows(IllegalArgumentException.class, () -> generation.begin(new long[] {2, 3, 4}, 2));
            generation.begin(new long[] {2, 3}, 1);
            generation.append(3);
            assertThrows(IllegalStateException.class, () -> generation.append(3));
            assertThrows(IllegalArgumentException.class, () -> generation.begin(new long[] {2}, 0));
        }
    }

    /// By the encoder's path, which the reference's own numbers judge.
    private static Tensor scoresOfTheWholeText(GemmaModel model) {
        Tensor last = model.forward(Tensor.of(TEXT, 1, LENGTH)).getLast(); // [1, LENGTH, H], normalised
        return last.select(0, 0).linear(embedding(last.type()), null);
    }

    private static Tensor embedding(DataType type) {
        return weights(type).tensor("embed_tokens.weight", Tensor.ANY, Tensor.ANY);
    }

    private static GemmaModel load(DataType type) {
        return GemmaModel.load(GemmaFolder.open(GEMMA).config(), weights(type));
    }

    private static Weights weights(DataType type) {
        GemmaFolder folder = GemmaFolder.open(GEMMA);
        Checkpoint checkpoint = arena.own(Checkpoint.open(folder.weights()));
        return Weights.of(checkpoint, Device.CPU, type, arena).under(GemmaFolder.prefix(checkpoint));
    }

    private static long[] text() {
        long[] ids = new Random(7).longs(LENGTH, 3, 512).toArray();
        ids[0] = Tokenizer.BEGIN;
        return ids;
    }

    private static void assertNear(Tensor expected, Tensor found, int place) {
        double difference = expected.minus(found).absolute().maximum(0).item();
        assertTrue(difference <= 1e-5, "%s at %d".formatted(difference, place));
        assertTrue(expected.absolute().maximum(0).item() > 1, "scores too small for the bound to mean anything");
    }

    private static double meanDifference(Tensor expected, Tensor found) {
        return expected.minus(found).absolute().mean(0).item();
    }
}
