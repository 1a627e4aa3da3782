package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.audit.Contract;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.GenerationEvent.PromptEnhanced;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.TokenDecoding;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.text.ChatTemplate;
import io.zoetrope.engine.text.Decoding;
import io.zoetrope.engine.text.Enhancement;
import io.zoetrope.engine.text.GemmaFolder;
import io.zoetrope.engine.text.PromptEnhancer;
import io.zoetrope.engine.text.PromptEnhancer.Purpose;
import io.zoetrope.engine.text.PromptEnhancer.Task;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.engine.text.TokenListener;
import io.zoetrope.request.JobId;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// With the text model of the demo model: what it writes means nothing, but it writes.
class PromptEnhancementTest {

    private static final String PROMPT = "A red circle moves left to right.";

    private static TensorArena arena;
    private static PromptEnhancer enhancer;

    private final HeaderSequence headers = HeaderSequence.open(new JobId("a-job"), 1, Clock.systemUTC());
    private final List<GenerationEvent> said = new ArrayList<>();

    @BeforeAll
    static void load() {
        arena = new TensorArena();
        Checkpoint checkpoint = arena.own(Checkpoint.open(List.of(Path.of("models/demo/ltx2-demo.safetensors"))));
        GemmaFolder gemma = GemmaFolder.open(Path.of("models/demo/gemma"));
        enhancer = arena.own(TextEncoder.load(checkpoint, gemma, Device.CPU, DataType.FLOAT32))
                .enhancer();
    }

    @AfterAll
    static void close() {
        arena.close();
    }

    @Test
    void whatTheFactTellsIsWhatIsEncoded() {
        String prompt = enhanced(PROMPT, false, Decoding.sampled(-1));

        PromptEnhanced fact = onlyFact();
        assertTrue(fact.rewritten(), fact.toString());
        assertEquals(prompt, fact.prompt());
        assertNotEquals(PROMPT, fact.prompt());
        assertEquals(PROMPT, fact.original());
        assertEquals(TokenDecoding.SAMPLED, fact.decoding());
        assertEquals("18446744073709551615", fact.seed());
        assertTrue(fact.tokensIn() > 300, fact.toString()); // the instruction is read
        assertTrue(fact.tokensOut() > 0 && fact.tokensOut() <= PromptEnhancer.TOKENS, fact.toString());
    }

    @Test
    void itIsTheEnhancersOwnTextForEachPurposeAndDecoding() {
        for (Purpose purpose : Purpose.values()) {
            for (Decoding decoding : List.of(Decoding.greedy(), Decoding.sampled(3))) {
                said.clear();
                Enhancement expected = enhancer.enhance(Task.of(PROMPT, purpose, decoding), TokenListener.NONE);

                assertEquals(expected.prompt(), enhanced(PROMPT, purpose == Purpose.IMAGE_TO_VIDEO, decoding));

                PromptEnhanced fact = onlyFact();
                assertEquals(PromptEnhancement.fact(fact.header(), PROMPT, expected), fact);
                assertEquals(expected.account().tokensIn(), fact.tokensIn());
                assertEquals(expected.account().tokensOut(), fact.tokensOut());
                assertEquals(expected.account().truncated(), fact.truncated());
            }
        }
    }

    @Test
    void aKeptPromptIsSaidWithTheReason() {
        var account = new Enhancement.Account(300, 7, true, Decoding.greedy(), ChatTemplate.INSTRUCTION_TURN);
        said.add(PromptEnhancement.fact(
                headers.next(), PROMPT, new Enhancement.Kept(PROMPT, "it wrote no word", account)));

        PromptEnhanced fact = onlyFact();
        assertEquals(PROMPT, fact.prompt());
        assertNull(fact.original());
        assertEquals("it wrote no word", fact.reason());
        assertEquals(TokenDecoding.GREEDY, fact.decoding());
        assertNull(fact.seed());
        assertEquals(300, fact.tokensIn());
        assertEquals(7, fact.tokensOut());
        assertTrue(fact.truncated());
    }

    @Test
    void nothingIsSaidIfThePromptCannotBeRewritten() {
        assertThrows(IllegalArgumentException.class, () -> enhanced("x".repeat(2000), false, Decoding.greedy()));
        assertEquals(List.of(), said);
    }

    private String enhanced(String prompt, boolean fromImage, Decoding decoding) {
        return PromptEnhancement.enhanced(
                prompt,
                fromImage,
                decoding,
                enhancer,
                TokenListener.NONE,
                fact -> said.add(fact.under(headers.next())));
    }

    /// Valid by the contract.
    private PromptEnhanced onlyFact() {
        assertEquals(1, said.size());
        Contract.assertValid(new EventCodec(URI.create("/test")).write(said.getFirst()));
        return (PromptEnhanced) said.getFirst();
    }
}
