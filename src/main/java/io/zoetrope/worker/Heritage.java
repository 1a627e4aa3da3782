package io.zoetrope.worker;

import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.ledger.RecordPlace;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// What a record that was published again tells of the one whose place it takes.
///
/// @param place       of the record itself
/// @param supersedes  place of the record before it; empty for a first one
/// @param origin      place of the first record
/// @param requestedAt when the first record was published
record Heritage(RecordPlace place, Optional<RecordPlace> supersedes, RecordPlace origin, Instant requestedAt) {

    static final String ORIGIN = "zoetrope-origin";
    static final String REQUESTED_AT = "zoetrope-requested-at";

    static Heritage of(IntakeRecord record) {
        RecordPlace place = new RecordPlace(record.topic(), record.partition(), record.offset());
        Optional<RecordPlace> supersedes = record.header(RecordPlace.SUPERSEDES).flatMap(RecordPlace::parse);
        return new Heritage(
                place,
                supersedes,
                record.header(ORIGIN)
                        .flatMap(RecordPlace::parse)
                        .or(() -> supersedes)
                        .orElse(place),
                record.header(REQUESTED_AT).flatMap(Heritage::instant).orElse(record.timestamp()));
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException _) {
            return Optional.empty(); // somebody else's header
        }
    }
}
