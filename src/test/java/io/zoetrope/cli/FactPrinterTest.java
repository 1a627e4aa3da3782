package io.zoetrope.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent.PromptEnhanced;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.TokenDecoding;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/// What a rewritten prompt looks like to people, and to programs.
class FactPrinterTest {

    private static final Header HEADER = new Header(new JobId("a-job"), 1, 2, Instant.parse("2026-01-31T12:00:00Z"));

    @Test
    void aShortPromptIsShownWhole() {
        assertEquals(
                "   0.00 s  enhanced    prompt: A red circle. (sampled with seed 7, 5 tokens)\n",
                printed(rewritten("A red circle.", false), false));
    }

    @Test
    void aLongPromptIsShortenedBetweenCharacters() {
        String fox = "\uD83E\uDD8A"; // two chars, one character
        assertEquals(
                "   0.00 s  enhanced    prompt: " + fox.repeat(72) + "… (sampled with seed 7, 5 tokens, cut off)\n",
                printed(rewritten(fox.repeat(73), true), false));
        assertTrue(printed(rewritten(fox.repeat(72), true), false).contains(fox.repeat(72) + " ("));
    }

    @Test
    void aPromptOfSeveralLinesIsOneLineAndCannotSteerTheTerminal() {
        assertEquals(
                "   0.00 s  enhanced    prompt: A circle. [31m Red. Blue. (sampled with seed 7, 5 tokens)\n",
                printed(rewritten("A circle.\r\n\n\u001B[31m\u0085Red.\u2028\tBlue.\n", false), false));
    }

    @Test
    void aKeptPromptIsShownWithTheReason() {
        var kept = new PromptEnhanced(
                HEADER, "A red circle.", null, TokenDecoding.GREEDY, null, 300, 1, false, "it wrote no word");
        assertEquals(
                "   0.00 s  enhanced    nothing, prompt kept: it wrote no word (greedy, 1 tokens)\n",
                printed(kept, false));
    }

    @Test
    void programsGetThePromptWhole() throws Exception {
        String prompt = "A red circle.\n".repeat(50);
        String line = printed(rewritten(prompt, false), true);
        assertEquals(
                prompt, new ObjectMapper().readTree(line).at("/data/prompt").textValue());
        assertFalse(line.strip().contains("\n"));
    }

    private static PromptEnhanced rewritten(String prompt, boolean truncated) {
        return new PromptEnhanced(HEADER, prompt, "A circle.", TokenDecoding.SAMPLED, "7", 300, 5, truncated, null);
    }

    private static String printed(PromptEnhanced fact, boolean json) {
        CloudEvent message = new EventCodec(URI.create("/test")).write(fact);
        RecordHeaders headers = new RecordHeaders();
        message.headers().forEach((name, value) -> headers.add(name, value.getBytes(StandardCharsets.UTF_8)));
        StringWriter text = new StringWriter();
        try (FactPrinter printer = new FactPrinter(new PrintWriter(text), json)) {
            assertEquals(
                    fact,
                    printer.print(new TrailRecord("events", 0, 0, HEADER.at(), "a-job", headers, message.data())));
        }
        return text.toString().replace(System.lineSeparator(), "\n");
    }
}
