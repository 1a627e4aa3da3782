package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/// What the topics beside `zoetrope.events` hold, to CloudEvents and back. Ids are deterministic: writing the same
/// message again gives the same id.
public final class MessageCodec {

    /// Kind of a message: its CloudEvents type and the name of its schema.
    public enum Kind {
        /// The data is the request itself; written by [#request], read by package `request`.
        REQUEST("io.zoetrope.generation.request.v1", "request.v1"),
        CANCEL("io.zoetrope.generation.cancel.v1", "cancel.v1"),
        STATE("io.zoetrope.generation.state.v1", "state.v1"),
        RESULT("io.zoetrope.generation.result.v1", "result.v1"),
        DEAD_LETTER("io.zoetrope.generation.dead-letter.v1", "dead-letter.v1");

        private final String typeName;
        private final String schema;

        Kind(String typeName, String schema) {
            this.typeName = typeName;
            this.schema = schema;
        }

        public String typeName() {
            return typeName;
        }

        public String schema() {
            return schema;
        }
    }

    private final URI source;
    private final Clock clock;

    /// @param source who writes, such as `/zoetrope/workers/<worker id>`
    /// @param clock  for messages that carry no moment of their own
    public MessageCodec(URI source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /// The record that asks for a clip.
    ///
    /// @param request its JSON, as it is
    public CloudEvent request(JobId job, byte[] request) {
        return new CloudEvent(attributes(Kind.REQUEST, job + "/request", job, clock.instant()), request);
    }

    public CloudEvent write(CancelCommand command) {
        return write(Kind.CANCEL, command.job() + "/cancel", command.job(), clock.instant(), command);
    }

    public CloudEvent write(JobSummary summary) {
        String id = "%s/state/%d/%d".formatted(summary.job(), summary.attempt(), summary.sequence());
        return write(Kind.STATE, id, summary.job(), summary.updatedAt(), summary);
    }

    public CloudEvent write(ResultMessage result) {
        return write(Kind.RESULT, result.job() + "/result", result.job(), result.at(), result);
    }

    public CloudEvent write(DeadLetter letter) {
        DeadLetter.Original original = letter.original();
        String id =
                "%s/dead/%s/%d/%d".formatted(letter.job(), original.topic(), original.partition(), original.offset());
        return write(Kind.DEAD_LETTER, id, letter.job(), letter.at(), letter);
    }

    public CancelCommand readCancel(CloudEvent message) {
        CancelWords words = read(Kind.CANCEL, message, CancelWords.class);
        return new CancelCommand(EventCodec.job(message), words.requestedBy(), words.reason());
    }

    public JobSummary readState(CloudEvent message) {
        return read(Kind.STATE, message, JobSummary.class);
    }

    public ResultMessage readResult(CloudEvent message) {
        return read(Kind.RESULT, message, ResultMessage.class);
    }

    public DeadLetter readDeadLetter(CloudEvent message) {
        return read(Kind.DEAD_LETTER, message, DeadLetter.class);
    }

    /// The data of a cancel command, whose job is in the envelope.
    private record CancelWords(String requestedBy, String reason) {}

    private CloudEvent write(Kind kind, String id, JobId job, Instant at, Object content) {
        return new CloudEvent(attributes(kind, id, job, at), EventJson.bytes(content));
    }

    private Map<String, String> attributes(Kind kind, String id, JobId job, Instant at) {
        return CloudEvent.attributes(id, source, kind.typeName(), kind.schema(), job, at);
    }

    private static <T> T read(Kind kind, CloudEvent message, Class<T> form) {
        if (!message.type().equals(kind.typeName())) {
            throw new UnreadableMessageException("message %s has the type '%s', expected '%s'"
                    .formatted(message.id(), message.type(), kind.typeName()));
        }
        String what = "message %s of type %s".formatted(message.id(), message.type());
        return EventJson.value(what, EventJson.object(what, message.data()), form);
    }
}
