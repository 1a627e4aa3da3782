package io.zoetrope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// What is published for a dead letter: the request with its headers, except for those that say which record it was.
///
/// @param topic the queue of requests that it goes to
record Requeued(String topic, byte[] value, Map<String, byte[]> headers) {

    /// What belongs to one record, such as its place or how often it was delivered.
    private static final String OURS = "zoetrope-";

    static Requeued of(DeadLetter letter, Topics topics) {
        DeadLetter.Original original = letter.original();
        if (!original.whole()) {
            throw new InputException(
                    "the record of job %s was too long for its letter; what is left of it cannot be published again"
                            .formatted(letter.job()));
        }
        if (original.value() == null) {
            throw new InputException("the record of job %s had no value; there is no request".formatted(letter.job()));
        }
        return original.topic().startsWith(topics.requests())
                ? new Requeued(original.topic(), original.value(), original.headers())
                : new Requeued(topics.requests(), requestIn(letter), Map.of());
    }

    /// Between stages travels the job with its request in it; whether it is what it should be, the worker checks.
    private static byte[] requestIn(DeadLetter letter) {
        try {
            ObjectMapper json = new ObjectMapper();
            JsonNode request = json.readTree(letter.original().value()).at("/job/request");
            if (request.isObject()) {
                return json.writeValueAsBytes(request);
            }
        } catch (IOException _) {
            // said below
        }
        throw new InputException("the record of job %s on %s holds no request"
                .formatted(letter.job(), letter.original().topic()));
    }

    /// The headers under another job id.
    Map<String, byte[]> headersFor(JobId job) {
        Map<String, byte[]> kept = new HashMap<>();
        headers.forEach((name, content) -> {
            switch (name.toLowerCase(Locale.ROOT)) {
                case "ce_subject" -> kept.put(name, bytes(job.value()));
                case "ce_id" -> kept.put(name, bytes(job + "/request"));
                case "ce_time" -> kept.put(name, bytes(Instant.now().toString()));
                case String other when other.startsWith(OURS) -> {}
                default -> kept.put(name, content);
            }
        });
        return kept;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
