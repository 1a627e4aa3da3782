package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventCodecTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final EventCodec codec = new EventCodec(URI.create("/zoetrope/workers/worker-1"));

    static Stream<GenerationEvent> facts() {
        return Stream.concat(Samples.everyType().stream(), Samples.barest().stream());
    }

    @Test
    void theSamplesHaveEveryType() {
        assertEquals(
                List.of(EventType.values()),
                Samples.everyType().stream().map(EventType::of).toList());
        assertEquals(
                Arrays.stream(EventType.values()).<Object>map(EventType::record).toList(),
                Samples.everyType().stream()
                        .<Object>map(GenerationEvent::getClass)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("facts")
    void whatIsWrittenIsReadAgain(GenerationEvent event) {
        CloudEvent written = codec.write(event);

        assertEquals(event, codec.read(written));
        assertEquals(event, codec.read(CloudEvent.ofHeaders(written.headers(), written.data())));
        assertEquals(event, codec.read(CloudEvent.ofStructured(written.structured())));
    }

    @ParameterizedTest
    @MethodSource("facts")
    void everyFactFitsItsSchema(GenerationEvent event) {
        CloudEvent written = codec.write(event);

        Contract.assertValid(EventType.of(event).schema(), written.data());
        Contract.assertValid(written);
    }

    @Test
    void theEnvelopeIsThatOfCloudEvents() {
        CloudEvent written = codec.write(Samples.step(1, 7, 3));

        assertEquals(
                Map.of(
                        "specversion", "1.0",
                        "id", "a-job/1/7",
                        "source", "/zoetrope/workers/worker-1",
                        "type", "io.zoetrope.generation.step-completed.v1",
                        "subject", "a-job",
                        "time", "2026-01-31T12:01:47Z",
                        "datacontenttype", "application/json",
                        "dataschema", "https://zoetrope.io/schemas/step-completed.v1.json",
                        "attempt", "1",
                        "sequence", "0000000007"),
                written.attributes());
        assertEquals("application/json", written.headers().get("content-type"));
        assertEquals("a-job/1/7", written.headers().get("ce_id"));
        assertEquals(
                "{\"step\":3,\"steps\":10,\"sigma\":0.7,\"duration_seconds\":0.25,\"checkpoint\":\"jobs/a-job/checkpoint\"}",
                new String(written.data(), StandardCharsets.UTF_8));
    }

    @Test
    void aPromptTravelsWhole() {
        assertEquals(
                "{\"prompt\":\"A bright red circle\\nglides over “blue”.\",\"original\":\"A red circle.\","
                        + "\"decoding\":\"sampled\",\"seed\":\"18446744073709551615\",\"tokens_in\":300,"
                        + "\"tokens_out\":512,\"truncated\":true}",
                new String(codec.write(Samples.enhanced(1, 2)).data(), StandardCharsets.UTF_8));
        assertEquals(
                "{\"prompt\":\"A red circle.\",\"decoding\":\"greedy\",\"tokens_in\":300,\"tokens_out\":0,"
                        + "\"truncated\":false,\"reason\":\"the text model wrote no word\"}",
                new String(codec.write(Samples.kept(1, 2)).data(), StandardCharsets.UTF_8));
        assertTrue(Samples.enhanced(1, 2).rewritten());
        assertFalse(Samples.kept(1, 2).rewritten());
    }

    @Test
    void durationsAreSecondsInPlainDigits() {
        String data = new String(codec.write(Samples.completed(1, 0)).data(), StandardCharsets.UTF_8);

        assertTrue(data.contains("\"total_seconds\":10}"), data);
    }

    @Test
    void allEndsOfAJobHaveOneId() {
        for (GenerationEvent event : Samples.everyType()) {
            assertEquals(event.terminal(), event.id().equals("a-job/terminal"), event.toString());
        }
        assertEquals(
                4,
                Samples.everyType().stream().filter(GenerationEvent::terminal).count());
    }

    @Test
    void theSameFactIsWrittenTheSameWay() {
        for (GenerationEvent event : Samples.everyType()) {
            assertArrayEquals(codec.write(event).data(), codec.write(event).data());
            assertEquals(codec.write(event).attributes(), codec.write(event).attributes());
        }
    }

    @Test
    void unknownFieldsAndAttributesAreIgnored() throws IOException {
        CloudEvent written = codec.write(Samples.completed(1, 9));
        ObjectNode data = (ObjectNode) JSON.readTree(written.data());
        data.put("colour", "red").put("header", "mine");
        ((ObjectNode) data.get("provenance").get("model")).put("parameters", 19);
        Map<String, String> attributes = new HashMap<>(written.attributes());
        attributes.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        assertEquals(Samples.completed(1, 9), codec.read(new CloudEvent(attributes, JSON.writeValueAsBytes(data))));
    }

    @Test
    void anUnknownTypeIsRefusedWithTheKnownOnes() {
        assertUnreadable(
                with(codec.write(Samples.requested()), "type", "io.zoetrope.generation.requested.v2"),
                "unknown type 'io.zoetrope.generation.requested.v2'",
                "io.zoetrope.generation.requested.v1");
    }

    @Test
    void damagedFactsAreRefusedWithTheReason() {
        CloudEvent good = codec.write(Samples.step(1, 7, 3));
        assertUnreadable(with(good, "id", "a-job/1/8"), "a-job/1/8", "expected 'a-job/1/7'");
        assertUnreadable(with(good, "sequence", "many"), "many");
        assertUnreadable(with(good, "time", "yesterday"), "yesterday");
        assertUnreadable(with(good, "subject", "../etc"), "'../etc'", "job id");
        assertUnreadable(without(good, "attempt"), "'attempt'");
        assertUnreadable(without(good, "type"), "'type'");
        assertUnreadable(new CloudEvent(good.attributes(), "{\"step\":".getBytes(StandardCharsets.UTF_8)), "not JSON");
        assertUnreadable(new CloudEvent(good.attributes(), "[]".getBytes(StandardCharsets.UTF_8)), "JSON object");
        assertUnreadable(new CloudEvent(good.attributes(), new byte[0]), "JSON object");
        assertUnreadable(data(good, "{\"step\":3,\"steps\":10,\"sigma\":0.7}"), "duration_seconds is missing");
        assertUnreadable(data(good, "{\"steps\":10,\"sigma\":0.7,\"duration_seconds\":1}"), "step");
        assertUnreadable(data(good, "{\"step\":3,\"steps\":2,\"sigma\":0.7,\"duration_seconds\":1}"), "steps is 2");
        CloudEvent started = codec.write(Samples.started(1, 0, Stage.DECODE));
        assertUnreadable(data(started, "{\"stage\":\"polish\",\"worker\":\"w\"}"), "polish", "text-encode");
    }

    @Test
    void aRewrittenPromptThatContradictsItselfIsRefused() {
        CloudEvent enhanced = codec.write(Samples.enhanced(1, 0));
        String counts = ",\"tokens_in\":3,\"tokens_out\":4,\"truncated\":false}";
        String greedy = "{\"prompt\":\"secret\",\"decoding\":\"greedy\"";
        assertUnreadable(data(enhanced, greedy + counts), "original and reason are both missing");
        assertUnreadable(
                data(enhanced, greedy + ",\"original\":\"p\",\"reason\":\"r\"" + counts),
                "original and reason are both there");
        assertUnreadable(
                data(enhanced, greedy + ",\"reason\":\"r\",\"seed\":\"1\"" + counts),
                "seed of greedy decoding is 1, expected none");
        assertUnreadable(
                data(enhanced, greedy.replace("greedy", "sampled") + ",\"reason\":\"r\"" + counts), "seed is null");
        assertUnreadable(
                data(enhanced, greedy.replace("greedy", "sampled") + ",\"reason\":\"r\",\"seed\":\"-1\"" + counts),
                "seed '-1', expected a decimal 0 to 2^64-1");
        assertUnreadable(data(enhanced, greedy + ",\"reason\":\"r\"}"), "null", "int");
    }

    private void assertUnreadable(CloudEvent message, String... words) {
        String said = assertThrows(UnreadableMessageException.class, () -> codec.read(message))
                .getMessage();
        for (String word : words) {
            assertTrue(said.contains(word), () -> "'%s' in: %s".formatted(word, said));
        }
    }

    private static CloudEvent data(CloudEvent event, String json) {
        return new CloudEvent(event.attributes(), json.getBytes(StandardCharsets.UTF_8));
    }

    private static CloudEvent with(CloudEvent event, String attribute, String value) {
        Map<String, String> attributes = new HashMap<>(event.attributes());
        attributes.put(attribute, value);
        return new CloudEvent(attributes, event.data());
    }

    private static CloudEvent without(CloudEvent event, String attribute) {
        Map<String, String> attributes = new HashMap<>(event.attributes());
        attributes.remove(attribute);
        return new CloudEvent(attributes, event.data());
    }
}
