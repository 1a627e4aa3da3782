package io.zoetrope.cli;

import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.cli.Failures.InputException;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.TrailReader;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the topic of dead letters. There may be very many of them, and each may be long: they are handed over one
/// by one.
final class DeadLetters {

    private static final MessageCodec CODEC = new MessageCodec(URI.create("/zoetrope/cli"), Clock.systemUTC());

    private DeadLetters() {}

    static void forEach(BrokerOptions broker, Optional<JobId> job, Consumer<DeadLetter> each) {
        try (TrailReader reader =
                TrailReader.open(broker.client(), broker.topics().dead(), job, TrailReader.Start.BEGINNING)) {
            reader.toEnd(record -> each.accept(CODEC.readDeadLetter(record.cloudEvent())));
        }
    }

    /// All letters of a job, the oldest first; at least one.
    static List<DeadLetter> of(BrokerOptions broker, String job) {
        List<DeadLetter> letters = new ArrayList<>();
        forEach(broker, Optional.of(JobNames.read("job", job)), letters::add);
        if (letters.isEmpty()) {
            throw new InputException(
                    "job %s has no dead letter; 'zoetrope dead list' shows those that have".formatted(job));
        }
        return letters;
    }
}
