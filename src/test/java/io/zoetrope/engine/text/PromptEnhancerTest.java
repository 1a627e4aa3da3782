package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.PromptEnhancer.Purpose;
import io.zoetrope.engine.text.PromptEnhancer.Task;
import io.zoetrope.engine.text.TokenListener.StoppedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// With the demo model, which has never read a conversation: what it writes means nothing, but it writes.
class PromptEnhancerTest {

    private static final Path GEMMA = Path.of("models/demo/gemma");
    private static final String PROMPT = "A red circle moves left to right.";
    private static final Decoding GREEDY = Decoding.greedy();

    private static TensorArena arena;
    private static Checkpoint checkpoint;
    private static TextEncoder encoder;
    private static PromptEnhancer enhancer;

    @BeforeAll
    static void load() {
        arena = new TensorArena();
        checkpoint = arena.own(Checkpoint.open(List.of(Path.of("models/demo/ltx2-demo.safetensors"))));
        encoder = arena.own(TextEncoder.load(checkpoint, GemmaFolder.open(GEMMA), Device.CPU, DataType.FLOAT32));
        enhancer = encoder.enhancer();
    }

    @AfterAll
    static void close() {
        arena.close();
    }

    @Test
    void theModelsOwnTextModelRewritesAPromptThatTheEncoderThenTakes() {
        Enhancement.Enhanced enhanced = assertInstanceOf(
                Enhancement.Enhanced.class,
                enhancer.enhance(task(Purpose.TEXT_TO_VIDEO, Decoding.sampled(5), 40), TokenListener.NONE));
        assertNotEquals(PROMPT, enhanced.prompt());
        assertTrue(Character.isLetter(enhanced.prompt().codePointAt(0)));
        assertFalse(enhanced.prompt().contains("<"), "special tokens are left in " + enhanced.prompt());
        try (TensorScope _ = TensorScope.open()) {
            assertTrue(encoder.encode(enhanced.prompt()).video().isFinite());
        }
        Enhancement.Account account = enhanced.account();
        assertTrue(account.tokensIn() > 300, account.toString()); // the instruction is read
        assertTrue(account.tokensOut() <= 40);
        assertEquals(account.truncated(), account.tokensOut() == 40);
        assertEquals(new Decoding.Sampled(0.7, 5), account.decoding());
        assertEquals(ChatTemplate.INSTRUCTION_TURN, account.template());
    }

    @Test
    void theSameSeedWritesTheSameAndOthersDoNot() {
        List<String> texts = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2, 3}) {
            texts.add(enhancer.enhance(task(Purpose.TEXT_TO_VIDEO, Decoding.sampled(seed), 24), TokenListener.NONE)
                    .prompt());
        }
        assertEquals(texts.get(0), texts.get(1));
        assertEquals(3, Set.copyOf(texts).size());
    }

    @ParameterizedTest
    @EnumSource
    void purposesHaveInstructionsOfTheirOwn(Purpose purpose) {
        Enhancement enhancement = enhancer.enhance(task(purpose, GREEDY, 1), TokenListener.NONE);
        Purpose other = purpose == Purpose.TEXT_TO_VIDEO ? Purpose.IMAGE_TO_VIDEO : Purpose.TEXT_TO_VIDEO;
        assertNotEquals(
                enhancer.enhance(task(other, GREEDY, 1), TokenListener.NONE)
                        .account()
                        .tokensIn(),
                enhancement.account().tokensIn());
    }

    /// What is written equals what comes of reading the whole text anew for every token.
    @Test
    void cachedWritingIsThatOfPassesOverTheWholeText() {
        GemmaFolder folder = GemmaFolder.open(GEMMA);
        Checkpoint text = arena.own(Checkpoint.open(folder.weights()));
        Weights weights = Weights.of(text, Device.CPU, DataType.FLOAT32, arena).under(GemmaFolder.prefix(text));
        GemmaModel gemma = GemmaModel.load(folder.config(), weights);
        Tensor head = weights.tensor("embed_tokens.weight", Tensor.ANY, Tensor.ANY);
        long[] prompt = encoder.tokenizer().encode(PROMPT);
        TokenChoice greedy = TokenChoice.of(GREEDY, TokenChoice.Likely.ALL);

        long[] whole = prompt;
        for (int token = 0; token < 20; token++) {
            try (TensorScope _ = TensorScope.open()) {
                Tensor hidden = gemma.forward(Tensor.of(whole, 1, whole.length)).getLast();
                Tensor scores = hidden.select(1, whole.length - 1L).linear(head, null);
                whole = Arrays.copyOf(whole, whole.length + 1);
                whole[whole.length - 1] = greedy.choose(scores.toFloatArray());
            }
        }
        TextWriter.Text written = new TextWriter(gemma, Set.of()).write(prompt, greedy, 20, TokenListener.NONE);
        assertEquals(
                Arrays.toString(Arrays.copyOfRange(whole, prompt.length, whole.length)),
                Arrays.toString(written.ids()));
        assertFalse(written.ended());

        long end = written.ids()[7];
        int first = Arrays.stream(written.ids()).boxed().toList().indexOf(end);
        TextWriter.Text ended = new TextWriter(gemma, Set.of(end)).write(prompt, greedy, 20, TokenListener.NONE);
        assertTrue(ended.ended());
        assertEquals(first, ended.ids().length);
    }

    @Test
    void itsListenerSeesEveryTokenAndMayStopItThere() {
        List<Integer> seen = new ArrayList<>();
        Task task = task(Purpose.TEXT_TO_VIDEO, GREEDY, 6);
        Enhancement whole = enhancer.enhance(task, (token, limit, duration) -> {
            assertEquals(6, limit);
            assertTrue(duration.isPositive());
            return seen.add(token);
        });
        assertEquals(whole.account().tokensOut(), seen.size());
        assertTrue(seen.size() > 3, "ends too early to be stopped");
        StoppedException stopped =
                assertThrows(StoppedException.class, () -> enhancer.enhance(task, (token, _, _) -> token < 3));
        assertEquals(3, stopped.token());
    }

    @Test
    void picturesAreRefusedAndItIsSaidWhy() {
        Task task = new Task(PROMPT, Purpose.IMAGE_TO_VIDEO, 1, GREEDY, 10);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> enhancer.enhance(task, TokenListener.NONE));
        assertTrue(refused.getMessage().startsWith("vision tower present, but"), refused.getMessage());
        PromptEnhancer blind = PromptEnhancer.of(null, encoder.tokenizer(), null, false);
        assertTrue(blind.whyNoPictures().contains("has no vision tower"), blind.whyNoPictures());
        assertThrows(IllegalArgumentException.class, () -> blind.enhance(task, TokenListener.NONE));
    }

    @Test
    void aPromptTooLongForTheEncoderIsRefusedBeforeItIsRewritten() {
        Task task = Task.of("x".repeat(2000), Purpose.TEXT_TO_VIDEO, GREEDY);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> enhancer.enhance(task, (_, _, _) -> false));
        assertTrue(refused.getMessage().endsWith("expected at most 1024"), refused.getMessage());
    }

    @Test
    void whatIsOfNoUseLeavesThePromptAsItWas() {
        Enhancement.Account account = new Enhancement.Account(9, 3, false, GREEDY, ChatTemplate.PARAGRAPHS);
        assertEquals(
                new Enhancement.Kept(PROMPT, "the text model wrote no word", account),
                enhancer.judge(PROMPT, " 12 ", account));
        String longest = "x".repeat(1023);
        assertEquals(1024, encoder.count(longest), "the letter is expected to be a token of its own");
        assertEquals(
                new Enhancement.Enhanced(longest, account), enhancer.judge(PROMPT, " 1. " + longest + "\n", account));
        assertEquals(
                new Enhancement.Kept(PROMPT, "the rewritten prompt has 1025 tokens, expected at most 1024", account),
                enhancer.judge(PROMPT, longest + "x", account));
    }

    @Test
    void itsMemoryIsKnownBeforehand() {
        Task task = Task.of(PROMPT, Purpose.TEXT_TO_VIDEO, GREEDY);
        int read = enhancer.enhance(task(Purpose.TEXT_TO_VIDEO, GREEDY, 1), TokenListener.NONE)
                .account()
                .tokensIn();
        int tokens = read + Math.floorMod(-read, 8) + PromptEnhancer.TOKENS;
        long perTokenAndLayer = 2 * 2 * 16 * 4; // key and value, heads, head width, bytes
        long expected = perTokenAndLayer * (tokens + 2L * Math.min(512, tokens)); // one global layer, two sliding
        assertEquals(expected, enhancer.cacheBytes(task));
        assertTrue(enhancer.cacheBytes(enhancer.longestConversation()) > expected);
    }

    @Test
    void impossibleTasksAreRefused() {
        for (int tokens : new int[] {0, 513}) {
            assertThrows(IllegalArgumentException.class, () -> task(Purpose.TEXT_TO_VIDEO, GREEDY, tokens));
        }
        assertThrows(IllegalArgumentException.class, () -> new Task(PROMPT, Purpose.TEXT_TO_VIDEO, -1, GREEDY, 10));
    }

    @Test
    void whiteSpaceAtTheEndsOfAPromptDoesNotCount() {
        Task plain = task(Purpose.TEXT_TO_VIDEO, GREEDY, 4);
        Task spaced = new Task("\u00A0 " + PROMPT + "\n", Purpose.TEXT_TO_VIDEO, 0, GREEDY, 4);
        assertEquals(enhancer.enhance(plain, TokenListener.NONE), enhancer.enhance(spaced, TokenListener.NONE));
    }

    private static Task task(Purpose purpose, Decoding decoding, int tokens) {
        return new Task(PROMPT, purpose, 0, decoding, tokens);
    }
}
