package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestReader;
import io.zoetrope.request.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Whatever a client sends, what is said of it fits into a record of the usual broker.
class SizeLimitsTest {

    /// The usual `max.request.size` and `message.max.bytes`, without what the record itself takes.
    private static final int MOST = 1024 * 1024 - 4096;

    private final EventCodec facts = new EventCodec(URI.create("/test"));
    private final MessageCodec messages = new MessageCodec(URI.create("/test"), Clock.systemUTC());

    @Test
    void aLetterOfAHugeRecordFitsAndSaysWhatWasCut() {
        byte[] value = bytes(5_000_000);
        Map<String, byte[]> headers = new HashMap<>();
        for (int i = 0; i < 2000; i++) {
            headers.put("header-%04d".formatted(i), bytes(1000));
        }
        var original = new DeadLetter.Original("zoetrope.requests", 0, 42, bytes(70_000), value, headers);

        CloudEvent written = messages.write(letter(original, manyProblems()));

        assertFits(written);
        DeadLetter.Original read = messages.readDeadLetter(written).original();
        assertFalse(read.whole());
        assertEquals(value.length, read.valueBytes());
        assertEquals(Sha256.of(value), read.valueSha256());
        assertArrayEquals(Arrays.copyOf(value, read.value().length), read.value());
        assertTrue(read.headers().containsKey("header-0000"));
        assertFalse(read.headers().containsKey("header-1999"));
        assertEquals(100, messages.readDeadLetter(written).problems().size());
    }

    @Test
    void everyRequestThatCouldBeValidIsKeptWhole() {
        byte[] value = bytes(RequestReader.MOST_BYTES);
        var original =
                new DeadLetter.Original("zoetrope.requests", 0, 42, bytes(64), value, Map.of("traceparent", bytes(55)));

        CloudEvent written = messages.write(letter(original, List.of()));

        assertFits(written);
        DeadLetter.Original read = messages.readDeadLetter(written).original();
        assertTrue(read.whole());
        assertArrayEquals(value, read.value());
        assertNull(read.valueBytes());
        assertFalse(new String(written.data(), StandardCharsets.UTF_8).contains("truncated"));
    }

    @Test
    void whatIsOnlyAsLongAsItMayBeIsNotCut() {
        var least = new DeadLetter.Original("t", 0, 0, bytes(1024), bytes(320 * 1024), Map.of());
        var cut = new DeadLetter.Original("t", 0, 0, bytes(1025), bytes(1), Map.of());

        assertTrue(least.whole());
        assertFalse(cut.whole());
        assertNull(cut.valueSha256(), "the value is whole");
    }

    @Test
    void thousandsOfProblemsAreCountedAndTheFirstAreTold() {
        CloudEvent written = facts.write(new GenerationEvent.Rejected(Samples.header(1, 0), manyProblems()));

        assertFits(written);
        var read = (GenerationEvent.Rejected) facts.read(written);
        assertEquals(100, read.problems().size());
        assertEquals(20_000, read.problemCount());
        assertFits(messages.write(JobSummary.of(read)));
        assertFits(messages.write(ResultMessage.of(read, Map.of(), _ -> null)));
    }

    @Test
    void anOlderFactWithoutACountIsRead() {
        CloudEvent written = facts.write(Samples.rejected(1, 0));
        byte[] older =
                "{\"problems\":[{\"field\":\"\",\"code\":\"c\",\"allowed\":\"a\"}]}".getBytes(StandardCharsets.UTF_8);

        var read = (GenerationEvent.Rejected) facts.read(new CloudEvent(written.attributes(), older));

        assertEquals(1, read.problemCount());
    }

    @Test
    void aHugeRequestIsToldOfByItsBeginning() {
        var request = JsonNodeFactory.instance.objectNode().put("prompt", "\u0001".repeat(400_000));
        byte[] whole = EventJson.bytes(request);

        CloudEvent written =
                facts.write(new GenerationEvent.Requested(Header.ofRequest(Samples.JOB, Samples.START), request, null));

        assertFits(written);
        var read = (GenerationEvent.Requested) facts.read(written);
        assertEquals(true, read.truncated());
        assertEquals(whole.length, read.requestBytes());
        assertEquals(Sha256.of(whole), read.requestSha256());
        assertTrue(read.request().textValue().startsWith("{\"prompt\":"), "the beginning");
    }

    @Test
    void halvesOfSurrogatePairsDoNotStopAFact() {
        String half = "a\ud83d";
        var request = JsonNodeFactory.instance.objectNode().put(half, half);
        for (var said : List.of(TextNode.valueOf(half), request)) {
            assertFits(facts.write(
                    new GenerationEvent.Requested(Header.ofRequest(Samples.JOB, Samples.START), said, null)));
        }
        assertFits(facts.write(
                new GenerationEvent.Failed(Samples.header(1, 0), "w", FailureCode.STAGE_FAILED, half.repeat(100_000))));
        assertFits(facts.write(new GenerationEvent.Released(
                Samples.header(1, 0), "w", ReleaseReason.STAGE_FAILED, half.repeat(100_000))));
    }

    private static void assertFits(CloudEvent written) {
        Contract.assertValid(written);
        int size = written.data().length + EventJson.bytes(written.headers()).length;
        assertTrue(size < MOST, "%d bytes".formatted(size));
    }

    private static DeadLetter letter(DeadLetter.Original original, List<Problem> problems) {
        return new DeadLetter(
                Samples.JOB, "rejected", "x".repeat(100_000), problems, original, Samples.WORKER, Samples.START);
    }

    private static List<Problem> manyProblems() {
        return IntStream.range(0, 20_000)
                .mapToObj(i -> new Problem(
                        "conditions." + i,
                        "unknown-field",
                        "é".repeat(100_000),
                        "\u0001".repeat(5000),
                        "n".repeat(5000)))
                .toList();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }
}
