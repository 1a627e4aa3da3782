package io.zoetrope.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.request.JobId;
import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;

/// Facts to CloudEvents and back. The header of a fact travels in attributes (`subject` is the job id, `time`,
/// and the extensions `attempt` and `sequence`), everything else is the data.
///
/// Reading ignores fields and attributes that it does not know and refuses types that it does not know: a fact that
/// cannot be understood must not be skipped in silence.
public final class EventCodec {

    private static final String ATTEMPT = "attempt";
    private static final String SEQUENCE = "sequence";
    private static final String HEADER = "header";

    private final URI source;

    /// @param source who says so, such as `/zoetrope/workers/<worker id>`
    public EventCodec(URI source) {
        this.source = source;
    }

    public CloudEvent write(GenerationEvent event) {
        Header header = event.header();
        EventType type = EventType.of(event);
        Map<String, String> attributes =
                CloudEvent.attributes(event.id(), source, type.typeName(), type.schema(), header.job(), header.at());
        attributes.put(ATTEMPT, Integer.toString(header.attempt()));
        // The CloudEvents extension of this name must sort as text.
        attributes.put(SEQUENCE, "%010d".formatted(header.sequence()));
        ObjectNode data = EventJson.tree(event);
        data.remove(HEADER);
        return new CloudEvent(attributes, EventJson.bytes(data));
    }

    /// @throws UnreadableMessageException if it is no fact, or a fact of a type or form that this program does not
    ///         know
    public GenerationEvent read(CloudEvent message) {
        String name = message.type();
        EventType type = EventType.named(name)
                .orElseThrow(
                        () -> new UnreadableMessageException("event %s has the unknown type '%s', expected one of %s"
                                .formatted(message.id(), name, EventType.allNames())));
        ObjectNode data = EventJson.object("data of event " + message.id(), message.data());
        data.set(HEADER, EventJson.tree(header(message)));
        GenerationEvent event =
                EventJson.value("event %s of type %s".formatted(message.id(), name), data, type.record());
        if (!event.id().equals(message.id())) {
            throw new UnreadableMessageException(
                    "event id '%s' of type %s, expected '%s' from subject, attempt and sequence"
                            .formatted(message.id(), name, event.id()));
        }
        return event;
    }

    private static Header header(CloudEvent message) {
        try {
            return new Header(
                    job(message),
                    Integer.parseInt(message.required(ATTEMPT)),
                    Long.parseLong(message.required(SEQUENCE)),
                    Instant.parse(message.required("time")));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new UnreadableMessageException(
                    "attributes of event %s do not fit: %s".formatted(message.id(), e.getMessage()), e);
        }
    }

    static JobId job(CloudEvent message) {
        String subject = message.subject();
        if (!JobId.isValid(subject)) {
            throw new UnreadableMessageException(
                    "event %s has the subject '%s', expected a job id".formatted(message.id(), subject));
        }
        return new JobId(subject);
    }
}
