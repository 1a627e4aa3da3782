package io.zoetrope.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Everything that is left after a run, as anybody could read it.
///
/// @param facts   by time
/// @param results of all jobs
/// @param states  the last summary of each job
/// @param dead    letters
/// @param files   keys of everything in the store
record Evidence(
        List<Said> facts,
        List<ResultMessage> results,
        Map<JobId, JobSummary> states,
        List<DeadLetter> dead,
        List<ArtifactKey> files) {

    /// A fact, and its data as it lies on the topic.
    record Said(GenerationEvent fact, JsonNode data) {}

    private static final URI SOURCE = URI.create("/zoetrope/chaos");
    private static final EventCodec EVENTS = new EventCodec(SOURCE);
    private static final MessageCodec MESSAGES = new MessageCodec(SOURCE, Clock.systemUTC());
    private static final ObjectMapper JSON = new ObjectMapper();

    static Evidence read(Map<String, Object> client, ArtifactStore store) {
        return new Evidence(
                all(client, Topics.DEFAULT.events()).stream()
                        .map(Evidence::said)
                        .sorted(Comparator.comparing(
                                said -> said.fact().header().at()))
                        .toList(),
                all(client, Topics.DEFAULT.results()).stream()
                        .map(record -> MESSAGES.readResult(record.cloudEvent()))
                        .toList(),
                all(client, Topics.DEFAULT.state()).stream()
                        .map(record -> MESSAGES.readState(record.cloudEvent()))
                        .collect(Collectors.toMap(JobSummary::job, state -> state, (_, last) -> last)),
                all(client, Topics.DEFAULT.dead()).stream()
                        .map(record -> MESSAGES.readDeadLetter(record.cloudEvent()))
                        .toList(),
                store.list("").collect().asList().await().indefinitely());
    }

    List<Said> of(JobId job) {
        return facts.stream().filter(said -> said.fact().job().equals(job)).toList();
    }

    /// The fact in `terminal.json`.
    static Optional<Said> terminal(ArtifactStore store, JobId job) {
        ArtifactKey key = ArtifactKey.terminalOf(job);
        if (!store.exists(key).await().indefinitely()) {
            return Optional.empty();
        }
        return Optional.of(said(CloudEvent.ofStructured(store.read(key).await().indefinitely())));
    }

    private static Said said(TrailRecord record) {
        return said(record.cloudEvent());
    }

    private static Said said(CloudEvent event) {
        try {
            return new Said(EVENTS.read(event), JSON.readTree(event.data()));
        } catch (IOException e) {
            throw new UncheckedIOException("fact " + event.id(), e);
        }
    }

    private static List<TrailRecord> all(Map<String, Object> client, String topic) {
        try (TrailReader reader = TrailReader.open(client, topic, Optional.empty(), TrailReader.Start.BEGINNING)) {
            return reader.toEnd();
        }
    }
}
