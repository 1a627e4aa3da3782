package io.zoetrope.worker;

import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.Contract;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a worker said, read from the broker and held against the contract.
public final class Facts {

    private static final EventCodec CODEC = new EventCodec(URI.create("/test"));

    private Facts() {}

    /// All facts of a job up to its end.
    public static List<GenerationEvent> untilTheEnd(Map<String, Object> client, JobId job, Duration patience) {
        List<GenerationEvent> facts = new ArrayList<>();
        try (TrailReader reader =
                TrailReader.open(client, Topics.DEFAULT.events(), Optional.of(job), TrailReader.Start.BEGINNING)) {
            boolean ended = reader.follow(
                    record -> facts.add(read(record)), _ -> facts.getLast().terminal(), patience);
            if (!ended) {
                throw new AssertionError("job %s has not ended within %s: %s".formatted(job, patience, facts));
            }
        }
        return facts;
    }

    /// A fact, valid by the contract.
    public static GenerationEvent read(TrailRecord record) {
        CloudEvent event = record.cloudEvent();
        Contract.assertValid(event);
        return CODEC.read(event);
    }
}
