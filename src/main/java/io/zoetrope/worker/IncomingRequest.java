package io.zoetrope.worker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.UnreadableMessageException;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.intake.IntakeRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A record of the requests topic: a CloudEvent in binary or structured mode, or bare JSON.
///
/// @param job      from the record's key or subject; derived from the record's place if it brings none that is valid
/// @param data     the request's JSON
/// @param source   of the CloudEvent; null for bare JSON
/// @param original the record's value as it was
/// @param problems of the envelope
record IncomingRequest(
        JobId job, byte[] data, String source, byte[] original, IntakeRecord record, List<Problem> problems) {

    private static final String STRUCTURED = "application/cloudevents+json";
    /// Deeper than any request, and less deep than what readers of the trail can read.
    private static final int DEEPEST = 64;

    /// What it takes is the same when it is written again; the names are strangers'.
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static IncomingRequest of(byte[] value, IntakeRecord record) {
        byte[] bytes = value == null ? new byte[0] : value;
        List<Problem> problems = new ArrayList<>();
        byte[] data = bytes;
        String source = record.header("ce_source").orElse(null);
        Optional<String> subject = record.header("ce_subject");
        if (record.header("content-type")
                .filter(type -> type.startsWith(STRUCTURED))
                .isPresent()) {
            try {
                CloudEvent event = CloudEvent.ofStructured(bytes);
                data = event.data();
                source = event.attributes().get("source");
                subject =
                        subject.or(() -> Optional.ofNullable(event.attributes().get("subject")));
            } catch (UnreadableMessageException e) {
                problems.add(
                        new Problem("", "unreadable-event", null, "a CloudEvent in JSON: " + e.getMessage(), null));
            }
        }
        String name = record.key() == null ? subject.orElse(null) : record.key();
        JobId derived = derived(record);
        if (name != null && !JobId.isValid(name)) {
            problems.add(new Problem(
                    "job_id", "invalid-job-id", name, "1 to 64 letters, digits, '_' or '-' as key", derived.value()));
        }
        JobId job = JobId.isValid(name) ? new JobId(name) : derived;
        String speaker = source == null || source.isBlank() ? null : source;
        return new IncomingRequest(job, data, speaker, bytes, record, List.copyOf(problems));
    }

    /// The name that a record gives its job, or the one that follows from its place.
    static JobId jobOf(IntakeRecord record) {
        String name = record.key() == null ? record.header("ce_subject").orElse(null) : record.key();
        return JobId.isValid(name) ? new JobId(name) : derived(record);
    }

    private static JobId derived(IntakeRecord record) {
        return JobId.ofRecord(record.topic(), record.partition(), record.offset());
    }

    Heritage heritage() {
        return Heritage.of(record);
    }

    /// The request as a JSON tree for the trail; as text if it is no JSON, or such that a tree could not keep it.
    JsonNode json() {
        return tree(data);
    }

    static JsonNode tree(byte[] data) {
        try {
            JsonNode tree = JSON.readTree(data);
            return tree == null || tree.isMissingNode() ? TextNode.valueOf("") : tree;
        } catch (JsonProcessingException _) {
            return TextNode.valueOf(new String(data, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
    }
}
