package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageCodecTest {

    private final MessageCodec codec =
            new MessageCodec(URI.create("/zoetrope/workers/worker-1"), Clock.fixed(Samples.START, ZoneOffset.UTC));

    @Test
    void theSummaryOfEveryStateIsWrittenAndReadAgain() {
        for (GenerationEvent last : Samples.everyType()) {
            List<GenerationEvent> trail = new ArrayList<>(List.of(Samples.requested(), Samples.accepted(1, 0)));
            trail.add(last);
            JobSummary summary = JobHistory.fold(trail).summary();

            CloudEvent written = codec.write(summary);

            Contract.assertValid(written);
            assertEquals(summary, codec.readState(written));
            assertEquals(summary, codec.readState(CloudEvent.ofHeaders(written.headers(), written.data())));
        }
    }

    @Test
    void everyEndBecomesAResult() {
        List<String> statuses = new ArrayList<>();
        for (GenerationEvent end : Samples.everyType()) {
            if (!end.terminal()) {
                assertThrows(IllegalArgumentException.class, () -> result(end));
                continue;
            }
            CloudEvent written = codec.write(result(end));

            Contract.assertValid(written);
            assertEquals(result(end), codec.readResult(written));
            assertEquals("a-job/result", written.id());
            statuses.add(result(end).status());
        }
        assertEquals(List.of("rejected", "cancelled", "failed", "completed"), statuses);
    }

    @Test
    void theResultOfAClipTellsWhereItIsAndWhatItIsMadeFrom() {
        ResultMessage result = result(Samples.completed(1, 5));

        assertEquals(
                List.of(new ResultMessage.Item(
                        URI.create("http://reader/jobs/a-job/clip-0123456789abcdef.mp4"),
                        "jobs/a-job/clip-0123456789abcdef.mp4",
                        "video/mp4",
                        4711,
                        Samples.DIGEST)),
                result.artifacts());
        assertEquals(Samples.PROVENANCE, result.provenance());
        assertEquals(Map.of("shot", "12"), result.metadata());
    }

    @Test
    void aDeadLetterKeepsTheRecordByteByByte() {
        byte[] value = {0, 1, (byte) 0xff, '{'};
        DeadLetter letter = new DeadLetter(
                Samples.JOB,
                "unreadable",
                "the value is not JSON",
                List.of(Samples.PROBLEM),
                new DeadLetter.Original(
                        "zoetrope.requests", 1, 42, null, value, Map.of("ce_id", new byte[] {(byte) 0xc3})),
                Samples.WORKER,
                Samples.START);

        CloudEvent written = codec.write(letter);

        Contract.assertValid(written);
        assertEquals("a-job/dead/zoetrope.requests/1/42", written.id());
        DeadLetter read = codec.readDeadLetter(written);
        assertArrayEquals(value, read.original().value());
        assertArrayEquals(new byte[] {(byte) 0xc3}, read.original().headers().get("ce_id"));
        assertEquals(letter.problems(), read.problems());
    }

    @Test
    void aCancelCommandTakesItsJobFromTheEnvelope() {
        CancelCommand command = new CancelCommand(Samples.JOB, "alice", null);

        CloudEvent written = codec.write(command);

        Contract.assertValid(written);
        assertEquals("{\"requested_by\":\"alice\"}", new String(written.data(), StandardCharsets.UTF_8));
        assertEquals(command, codec.readCancel(written));
    }

    @Test
    void aRequestIsPublishedAsItIs() {
        byte[] request = "{\"prompt\":\"A red circle.\"}".getBytes(StandardCharsets.UTF_8);

        CloudEvent written = codec.request(Samples.JOB, request);

        Contract.assertValid(written);
        assertArrayEquals(request, written.data());
        assertEquals("io.zoetrope.generation.request.v1", written.type());
    }

    @Test
    void aMessageOfAnotherKindIsRefused() {
        CloudEvent cancel = codec.write(new CancelCommand(Samples.JOB, null, null));

        String said = assertThrows(UnreadableMessageException.class, () -> codec.readState(cancel))
                .getMessage();

        assertTrue(said.contains("cancel.v1") && said.contains("state.v1"), said);
    }

    private static ResultMessage result(GenerationEvent end) {
        return ResultMessage.of(end, Map.of("shot", "12"), key -> URI.create("http://reader/" + key));
    }
}
