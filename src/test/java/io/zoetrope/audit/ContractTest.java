package io.zoetrope.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.RequestReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The schemas say no as well as yes, agree with the code, and the AsyncAPI document is whole.
class ContractTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EventCodec CODEC = new EventCodec(URI.create("/test"));

    static List<String> schemas() {
        return Stream.concat(
                        Stream.of("common.v1"),
                        Stream.concat(
                                Arrays.stream(EventType.values()).map(EventType::schema),
                                Arrays.stream(MessageCodec.Kind.values()).map(MessageCodec.Kind::schema)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everySchemaIsASchema(String name) throws IOException {
        JsonNode schema = JSON.readTree(Schemas.text(name));

        assertEquals(Schemas.identifier(name), schema.get("$id").textValue());
        assertEquals(
                "https://json-schema.org/draft/2020-12/schema",
                schema.get("$schema").textValue());
        assertEquals(
                List.of(),
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                        .validate(Schemas.text(name), InputFormat.JSON));
    }

    /// Every field that a schema requires is missed, every field of another type is refused.
    @ParameterizedTest
    @MethodSource("schemas")
    void whatASchemaRequiresIsMissed(String name) throws IOException {
        for (GenerationEvent event : Samples.everyType()) {
            if (!EventType.of(event).schema().equals(name)) {
                continue;
            }
            ObjectNode data = (ObjectNode) JSON.readTree(CODEC.write(event).data());
            JsonNode schema = JSON.readTree(Schemas.text(name));
            for (JsonNode field : schema.get("required")) {
                Contract.assertInvalid(
                        name, data.deepCopy().without(field.textValue()).toString());
            }
            for (Map.Entry<String, JsonNode> field : data.properties()) {
                boolean anything = field.getKey().equals("request");
                if (!anything) {
                    Contract.assertInvalid(
                            name, data.deepCopy().putNull(field.getKey()).toString());
                    Contract.assertInvalid(
                            name,
                            data.deepCopy()
                                    .set(field.getKey(), JSON.createArrayNode().add(1))
                                    .toString());
                }
            }
            Contract.assertValid(name, data.deepCopy().put("new_in_v1", 1).toString());
            Set<String> unknown = new TreeSet<>();
            data.fieldNames().forEachRemaining(unknown::add);
            schema.get("properties").fieldNames().forEachRemaining(unknown::remove);
            assertEquals(Set.of(), unknown, "fields of %s without a word in its schema".formatted(name));
        }
    }

    @Test
    void brokenMessagesDoNotFit() throws IOException {
        assertBroken(Samples.step(1, 1, 3), "step", 0);
        assertBroken(Samples.step(1, 1, 3), "duration_seconds", -1);
        assertBroken(Samples.started(1, 1, Stage.DECODE), "stage", "polish");
        assertBroken(Samples.started(1, 1, Stage.DECODE), "worker", "");
        assertBroken(Samples.released(1, 1, ReleaseReason.DRAINED), "reason", "tired");
        assertBroken(Samples.resumed(1, 1, 1), "from_step", -1);
        assertBroken(Samples.failed(1, 1), "retryable", "yes");
        assertBroken(Samples.enhanced(1, 1), "prompt", "");
        assertBroken(Samples.enhanced(1, 1), "decoding", "lucky");
        assertBroken(Samples.enhanced(1, 1), "decoding", "greedy"); // which has no seed
        assertBroken(Samples.enhanced(1, 1), "seed", "18446744073709551616");
        assertBroken(Samples.enhanced(1, 1), "seed", 5);
        assertBroken(Samples.enhanced(1, 1), "tokens_out", -1);
        assertBroken(Samples.enhanced(1, 1), "reason", "rewritten and kept");
        assertBroken(Samples.kept(1, 1), "original", "A red circle.");
        assertBroken(Samples.kept(1, 1), "decoding", "sampled"); // which has a seed
        ObjectNode kept =
                (ObjectNode) JSON.readTree(CODEC.write(Samples.kept(1, 1)).data());
        Contract.assertInvalid("prompt-enhanced.v1", kept.without("reason").toString());
        ObjectNode completed =
                (ObjectNode) JSON.readTree(CODEC.write(Samples.completed(1, 1)).data());
        ((ObjectNode) completed.get("provenance")).put("seed", "18446744073709551616");
        Contract.assertInvalid("completed.v1", completed.toString());
        ((ObjectNode) completed.get("provenance")).put("seed", "0").put("plan_digest", "abc");
        Contract.assertInvalid("completed.v1", completed.toString());
    }

    @Test
    void brokenSummariesResultsAndLettersDoNotFit() throws IOException {
        MessageCodec codec = new MessageCodec(URI.create("/test"), Clock.systemUTC());
        ObjectNode state = (ObjectNode) JSON.readTree(
                codec.write(JobHistory.fold(List.of(Samples.step(1, 0, 1))).summary())
                        .data());
        Contract.assertValid("state.v1", state.toString());
        ((ObjectNode) state.get("state")).put("status", "sleeping");
        Contract.assertInvalid("state.v1", state.toString());
        ((ObjectNode) state.get("state")).put("status", "completed");
        Contract.assertInvalid("state.v1", state.toString());

        ObjectNode result = (ObjectNode) JSON.readTree(codec.write(
                        ResultMessage.of(Samples.completed(1, 1), Map.of(), key -> URI.create("http://host/" + key)))
                .data());
        Contract.assertValid("result.v1", result.toString());
        Contract.assertInvalid(
                "result.v1", result.deepCopy().put("status", "failed").toString());
        Contract.assertInvalid(
                "result.v1", result.deepCopy().put("at", "yesterday").toString());
        Contract.assertInvalid("result.v1", result.deepCopy().without("timings").toString());

        String letter = """
                {"job":"a","reason":"poison","detail":"d","problems":[],"worker":"w","at":"2026-01-31T12:00:00Z",
                 "original":{"topic":"t","partition":0,"offset":0,"headers":{},"value":"%s"}}""";
        Contract.assertValid("dead-letter.v1", letter.formatted("AAE="));
        Contract.assertInvalid("dead-letter.v1", letter.formatted("not base64!"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'prompt':'p'}",
                "{'prompt':'p','negative_prompt':'','model':'demo','pipeline':'two-stage','width':64,'height':128}",
                "{'prompt':'p','frames':17,'fps':8,'steps':10,'seed':9007199254740991}",
                "{'prompt':'p','seconds':2.5,'seed':'18446744073709551615'}",
                "{'prompt':'p','guidance':{'video':{'cfg':2,'stg':1,'blocks':[29],'rescale':0.7,'modality':3,"
                        + "'skip_step':1},'audio':{}}}",
                "{'prompt':'p','sampler':'res-2s','schedule':'beta','priority':'low','tenant':'films'}",
                "{'prompt':'p','conditions':[{'type':'image','source':'inputs/a.png','frame':0,'strength':1},"
                        + "{'type':'retake','source':'inputs/a.mp4','start':0,'end':1.5}]}",
                "{'prompt':'p','pipeline':'two-stage-hq','upsampler':'spatial-x1.5','schedule':'shifted-tokens',"
                        + "'noise_type':'bfloat16','enhance_prompt':'sampled'}",
                "{'prompt':'p','pipeline':'keyframes','conditions':[{'type':'keyframe','source':'a','frame':8,'crf':0},"
                        + "{'type':'video','source':'b','start':1,'end':2,'strength':0.5}]}",
                "{'prompt':'p','conditions':[{'type':'audio','source':'a.wav','start':0.5},"
                        + "{'type':'reference','source':'r.mp4','strength':1,'attention':0.5}]}",
                "{'prompt':'p','conditions':[{'type':'retake','source':'a.mp4','streams':'audio'}]}",
                "{'prompt':'p','output':{'sound_only':true},'seconds':3}",
                "{'prompt':'p','guidance':{'video':{'rule':'apg','eta':0,'threshold':20},'audio':{'rule':'cfg-star'}}}",
                "{'prompt':'p','loras':[{'name':'l','strength':-1}],'output':{'preview':true,'contact_sheet':false}}",
                "{'prompt':'p','deadline':'2026-01-31T12:00:00Z','metadata':{'shot':'12'}}"
            })
    void aGoodRequestFitsAndIsRead(String single) {
        String request = single.replace('\'', '"');

        Contract.assertValid("request.v1", request);
        assertEquals(
                List.of(),
                RequestReader.read(request.getBytes(StandardCharsets.UTF_8)).problems());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{'prompt':''}",
                "{'prompt':' '}",
                "{'prompt':1}",
                "{'prompt':'p','promt':'q'}",
                "{'prompt':'p','width':100}",
                "{'prompt':'p','width':0}",
                "{'prompt':'p','width':'64'}",
                "{'prompt':'p','frames':17,'seconds':2}",
                "{'prompt':'p','frames':0}",
                "{'prompt':'p','fps':121}",
                "{'prompt':'p','seed':-1}",
                "{'prompt':'p','seed':9007199254740992}",
                "{'prompt':'p','seed':1.5}",
                "{'prompt':'p','seed':'18446744073709551616'}",
                "{'prompt':'p','seed':'-1'}",
                "{'prompt':'p','steps':0}",
                "{'prompt':'p','pipeline':'three-stage'}",
                "{'prompt':'p','sampler':'best'}",
                "{'prompt':'p','guidance':{'picture':{}}}",
                "{'prompt':'p','guidance':{'video':{'cgf':1}}}",
                "{'prompt':'p','guidance':{'video':{'rescale':1.1}}}",
                "{'prompt':'p','conditions':[{'type':'image'}]}",
                "{'prompt':'p','conditions':[{'type':'picture','source':'a'}]}",
                "{'prompt':'p','conditions':[{'type':'keyframe','source':'a'}]}",
                "{'prompt':'p','conditions':[{'type':'image','source':'a','crf':52}]}",
                "{'prompt':'p','conditions':[{'type':'audio','source':'a','strength':1}]}",
                "{'prompt':'p','conditions':[{'type':'reference','source':'a','attention':-0.1}]}",
                "{'prompt':'p','conditions':[{'type':'retake','source':'a','streams':'none'}]}",
                "{'prompt':'p','upsampler':'spatial-x4'}",
                "{'prompt':'p','guidance':{'video':{'rule':'best'}}}",
                "{'prompt':'p','guidance':{'video':{'eta':-1}}}",
                "{'prompt':'p','noise_type':'float64'}",
                "{'prompt':'p','enhance_prompt':true}",
                "{'prompt':'p','output':{'sound_only':1}}",
                "{'prompt':'p','loras':[{'strength':1}]}",
                "{'prompt':'p','output':{'preview':'yes'}}",
                "{'prompt':'p','priority':'urgent'}",
                "{'prompt':'p','deadline':'tomorrow'}",
                "{'prompt':'p','metadata':{'shot':12}}",
                "{'prompt':null}"
            })
    void aBadRequestNeitherFitsNorIsRead(String single) {
        String request = single.replace('\'', '"');

        Contract.assertInvalid("request.v1", request);
        assertFalse(RequestReader.read(request.getBytes(StandardCharsets.UTF_8)).isValid(), request);
    }

    @Test
    void theSchemaOfARequestHasTheFieldsThatAreRead() throws IOException {
        Set<String> described = new TreeSet<>();
        collectLeaves("", JSON.readTree(Schemas.text("request.v1")), described);

        assertEquals(new TreeSet<>(RequestFields.leaves().keySet()), described);
    }

    @Test
    void theManualAndTheSchemaKnowEveryFailure() throws IOException {
        List<String> codes =
                Arrays.stream(FailureCode.values()).map(FailureCode::code).toList();
        List<String> examples = JSON.readTree(Schemas.text("failed.v1"))
                .at("/properties/code/examples")
                .valueStream()
                .map(JsonNode::textValue)
                .toList();
        assertEquals(
                codes.stream().sorted().toList(), examples.stream().sorted().toList());
        String manual = Files.readString(Path.of("docs/errors.md"));
        for (FailureCode code : FailureCode.values()) {
            String row = "\\| `%s` \\| .* \\| %s \\|".formatted(code.code(), code.retryable() ? "yes" : "no");
            assertTrue(Pattern.compile(row).matcher(manual).find(), row);
            assertEquals(code, FailureCode.of(code.code()).orElseThrow());
        }
    }

    @Test
    void theDocumentNamesTheSixTopicsWithTheirMessages() {
        JsonNode document = Contract.asyncApi();

        assertEquals("3.0.0", document.get("asyncapi").textValue());
        Map<String, Set<String>> found = new HashMap<>();
        document.get("channels")
                .forEach(channel -> found.put(channel.get("address").textValue(), namesOfMessages(document, channel)));
        assertEquals(
                Map.of(
                        "zoetrope.requests", Set.of(MessageCodec.Kind.REQUEST.typeName()),
                        "zoetrope.control", Set.of(MessageCodec.Kind.CANCEL.typeName()),
                        "zoetrope.events",
                                Arrays.stream(EventType.values())
                                        .map(EventType::typeName)
                                        .collect(Collectors.toSet()),
                        "zoetrope.state", Set.of(MessageCodec.Kind.STATE.typeName()),
                        "zoetrope.results", Set.of(MessageCodec.Kind.RESULT.typeName()),
                        "zoetrope.dead", Set.of(MessageCodec.Kind.DEAD_LETTER.typeName())),
                found);
        assertEquals(
                new TreeSet<>(found.keySet()),
                document.get("operations")
                        .valueStream()
                        .map(operation ->
                                resolve(document, operation.at("/channel/$ref").textValue()))
                        .map(channel -> channel.get("address").textValue())
                        .collect(Collectors.toCollection(TreeSet::new)));
        document.get("operations")
                .forEach(operation -> assertTrue(Set.of("send", "receive")
                        .contains(operation.get("action").textValue())));
    }

    @Test
    void everyMessageHasItsSchemaAndEnvelope() {
        JsonNode document = Contract.asyncApi();
        Map<String, String> schemaOf = new HashMap<>();
        for (EventType type : EventType.values()) {
            schemaOf.put(type.typeName(), type.schema());
        }
        for (MessageCodec.Kind kind : MessageCodec.Kind.values()) {
            schemaOf.put(kind.typeName(), kind.schema());
        }
        for (JsonNode message : document.at("/components/messages")) {
            String name = message.get("name").textValue();
            assertEquals(
                    "schemas/%s.json".formatted(schemaOf.remove(name)),
                    message.at("/payload/schema/$ref").textValue());
            String headers = EventType.named(name).isPresent() ? "factHeaders" : "cloudEventHeaders";
            assertEquals(
                    "#/components/schemas/" + headers,
                    message.at("/headers/$ref").textValue());
            JsonNode trait = resolve(document, message.at("/traits/0/$ref").textValue());
            assertTrue(trait.at("/bindings/kafka/key").isObject());
        }
        assertEquals(Map.of(), schemaOf, "types without a message");
    }

    @Test
    void everyReferenceLeadsSomewhere() throws IOException {
        JsonNode document = Contract.asyncApi();
        List<String> references = new ArrayList<>();
        collectReferences(document, references);
        for (String reference : references) {
            assertFalse(resolve(document, reference).isMissingNode(), reference);
        }
        assertTrue(references.size() > 60, "only " + references.size());
        for (String name : schemas()) {
            JsonNode schema = JSON.readTree(Schemas.text(name));
            List<String> inner = new ArrayList<>();
            collectReferences(schema, inner);
            for (String reference : inner) {
                String place = reference.startsWith("#") ? reference : "schemas/" + reference;
                assertFalse(resolve(schema, place).isMissingNode(), name + ": " + reference);
            }
        }
    }

    @Test
    void theExamplesOfTheManualFitAndNoneIsMissing() throws IOException {
        String manual = Files.readString(Path.of("docs/events.md"));
        Matcher example =
                Pattern.compile("```json (\\S+)\n(.*?)```", Pattern.DOTALL).matcher(manual);
        Set<String> missing = new TreeSet<>(schemas());
        missing.remove("common.v1");
        while (example.find()) {
            Contract.assertValid(example.group(1), example.group(2));
            missing.remove(example.group(1));
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void aBrokenEnvelopeDoesNotFit() {
        CloudEvent good = CODEC.write(Samples.completed(1, 1));
        for (String attribute : List.of("id", "subject", "time", "attempt", "sequence", "specversion")) {
            Map<String, String> attributes = new HashMap<>(good.attributes());
            attributes.put(attribute, "");
            CloudEvent broken = new CloudEvent(attributes, good.data());
            assertThrows(AssertionError.class, () -> Contract.assertValid(broken), attribute);
            attributes.remove(attribute);
            CloudEvent incomplete = new CloudEvent(attributes, good.data());
            assertThrows(AssertionError.class, () -> Contract.assertValid(incomplete), attribute);
        }
    }

    private static void assertBroken(GenerationEvent event, String field, Object value) throws IOException {
        ObjectNode data = (ObjectNode) JSON.readTree(CODEC.write(event).data());
        data.set(field, JSON.valueToTree(value));
        Contract.assertInvalid(EventType.of(event).schema(), data.toString());
    }

    private static Set<String> namesOfMessages(JsonNode document, JsonNode channel) {
        return channel.get("messages")
                .valueStream()
                .map(message -> resolve(document, message.get("$ref").textValue()))
                .map(message -> message.get("name").textValue())
                .collect(Collectors.toSet());
    }

    private static JsonNode resolve(JsonNode document, String reference) {
        String[] parts = reference.split("#", 2);
        JsonNode target = document;
        if (!parts[0].isEmpty()) {
            assertTrue(parts[0].matches("schemas/.*\\.json"), reference);
            String name = parts[0].replaceFirst("^schemas/", "").replaceFirst("\\.json$", "");
            try {
                target = JSON.readTree(Schemas.text(name));
            } catch (IOException e) {
                throw new AssertionError(reference, e);
            }
        }
        return parts.length == 1 ? target : target.at(parts[1]);
    }

    private static void collectReferences(JsonNode node, List<String> references) {
        if (node.path("$ref").isTextual()) {
            references.add(node.get("$ref").textValue());
        }
        node.forEach(child -> collectReferences(child, references));
    }

    private static void collectLeaves(String prefix, JsonNode schema, Set<String> leaves) {
        for (Map.Entry<String, JsonNode> property : schema.get("properties").properties()) {
            if (property.getValue().has("properties")) {
                collectLeaves(prefix + property.getKey() + ".", property.getValue(), leaves);
            } else {
                leaves.add(prefix + property.getKey());
            }
        }
    }
}
