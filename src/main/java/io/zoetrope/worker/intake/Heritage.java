package io.zoetrope.worker.intake;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// What a record tells of the one that it was published again for.
///
/// @param place       of the record itself
/// @param supersedes  place of the record before it; empty for a first one
/// @param origin      place of the first record
/// @param requestedAt when the first record was published
public record Heritage(RecordPlace place, Optional<RecordPlace> supersedes, RecordPlace origin, Instant requestedAt) {

    /// Header: the place of the record whose place this one takes.
    public static final String SUPERSEDES = "zoetrope-supersedes";

    /// Header: the place of the first record of the line.
    public static final String ORIGIN = "zoetrope-origin";

    /// Header: when the first record of the line was published, RFC 3339.
    public static final String REQUESTED_AT = "zoetrope-requested-at";

    private static final Instant END_OF_RFC_3339 = Instant.parse("9999-12-31T23:59:59Z");

    public static Heritage of(IntakeRecord record) {
        RecordPlace place = new RecordPlace(record.topic(), record.partition(), record.offset());
        Optional<RecordPlace> supersedes = record.header(SUPERSEDES).flatMap(RecordPlace::parse);
        return new Heritage(
                place,
                supersedes,
                record.header(ORIGIN)
                        .flatMap(RecordPlace::parse)
                        .or(() -> supersedes)
                        .orElse(place),
                record.header(REQUESTED_AT).flatMap(Heritage::instant).orElse(record.timestamp()));
    }

    /// The headers with which the record is published again, to stand for the same job.
    ///
    /// @param headers of the record; its count of deliveries does not go along
    public RecordHeaders succession(Headers headers) {
        RecordHeaders next = new RecordHeaders(headers);
        next.remove(ClassicSettlement.DELIVERY);
        put(next, SUPERSEDES, place.toString());
        put(next, ORIGIN, origin.toString());
        put(next, REQUESTED_AT, requestedAt.toString());
        return next;
    }

    private static void put(RecordHeaders headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text))
                    .filter(instant -> !instant.isBefore(Instant.EPOCH) && instant.isBefore(END_OF_RFC_3339));
        } catch (DateTimeParseException _) {
            return Optional.empty(); // somebody else's header
        }
    }
}
