package io.zoetrope.worker.reaper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.FolderStore;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.Contract;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobHistory;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.Origin;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.request.CanonicalJson;
import io.zoetrope.request.JobId;
import io.zoetrope.request.RequestReader;
import io.zoetrope.worker.intake.RecordPlace;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.ShareGroupSettings;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The reaper on a real broker that really drops records, with a folder as the store.
class ReaperTest {

    private static final Duration SILENCE = Duration.ofMillis(1500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration QUIET = Duration.ofSeconds(4);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final byte[] REQUEST =
            "{\"metadata\":{\"shot\":\"12\"},\"prompt\":\"A red circle.\"}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] CANONICAL =
            RequestReader.read(REQUEST).request().toJson();

    @TempDir
    Path folder;

    private final int number = NUMBER.incrementAndGet();
    private final Topics topics = new Topics("reaper-test-" + number);
    private final String group = "reaper-test-workers-" + number;
    private final EventCodec facts = new EventCodec(URI.create("/test"));
    private final MessageCodec messages = new MessageCodec(URI.create("/test"), Clock.systemUTC());
    private final List<Reaper> reapers = new ArrayList<>();
    private Admin admin;
    private FolderStore store;
    private KafkaProducer<String, byte[]> producer;
    private KafkaShareConsumer<String, byte[]> worker;

    @BeforeEach
    void open() {
        admin = Admin.create(SharedBroker.client());
        ClusterSetup setup = new ClusterSetup(admin);
        setup.createMissing(topics.definitions(new Topics.Partitions(1, 2)));
        setup.configure(group, ShareGroupSettings.EARLIEST);
        store = FolderStore.open(folder);
        producer = new KafkaProducer<>(SharedBroker.client(), new StringSerializer(), new ByteArraySerializer());
        Map<String, Object> properties = new HashMap<>(SharedBroker.client());
        properties.put("group.id", group);
        properties.put("share.acknowledgement.mode", "explicit");
        properties.put("max.poll.records", 1);
        worker = new KafkaShareConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        worker.subscribe(List.of(topics.requests()));
    }

    @AfterEach
    void close() {
        reapers.forEach(Reaper::close);
        worker.close();
        producer.close();
        store.close();
        admin.close();
    }

    @Test
    void aJobWhoseRecordTheBrokerHasDroppedIsPublishedAgain() {
        JobId job = new JobId("dropped");
        RecordPlace place = take(job);
        start(3);
        assertEquals(1, requestsAfter(QUIET, job).size(), "the broker still holds its record");

        deliverUntilDropped();

        TrailRecord again = await(topics.requests(), job, 2).getLast();
        assertArrayEquals(CANONICAL, again.value());
        Contract.assertValid(again.cloudEvent());
        assertEquals(place.toString(), again.header("zoetrope-supersedes").orElseThrow());
        assertEquals(topics.requests() + "/0/0", again.header("zoetrope-origin").orElseThrow());
        assertEquals("/alice", again.header("ce_source").orElseThrow());
        assertEquals(2, requestsAfter(QUIET, job).size(), "it waits in the queue");
        var said = (GenerationEvent.Republished) facts(job).getLast();
        assertEquals(place.toString(), "%s/%d/%d".formatted(said.topic(), said.partition(), said.offset()));
        assertEquals(List.of(), JobHistory.fold(facts(job)).flagged());
    }

    @Test
    void aJobThatFallsSilentAgainAndAgainIsGivenUp() {
        JobId job = new JobId("hopeless");
        RecordPlace place = take(job);
        start(2);
        settle(AcknowledgeType.REJECT);
        for (int round = 2; round <= 3; round++) {
            TrailRecord again = await(topics.requests(), job, round).getLast();
            assertEquals(place.toString(), again.header("zoetrope-supersedes").orElseThrow());
            place = new RecordPlace(again.topic(), again.partition(), again.offset());
            store.write(owner(job), CanonicalJson.write(place)).await().indefinitely();
            settle(AcknowledgeType.REJECT);
        }

        DeadLetter letter =
                messages.readDeadLetter(await(topics.dead(), job, 1).getFirst().cloudEvent());

        assertEquals("given-up", letter.reason());
        assertArrayEquals(CANONICAL, letter.original().value());
        assertTrue(letter.original().whole());
        Awaitility.await().atMost(PATIENCE).until(() -> facts(job).getLast().terminal());
        var failed = (GenerationEvent.Failed) facts(job).getLast();
        assertEquals(FailureCode.GIVEN_UP.code(), failed.code());
        assertEquals(3, requestsAfter(QUIET, job).size());
        assertEquals(1, records(topics.dead(), job).size());
        assertEquals(failed, read(ArtifactKey.terminalOf(job)));
        assertEquals(List.of(), JobHistory.fold(facts(job)).flagged());
    }

    @Test
    void anEndThatNobodyTellsIsToldAgain() {
        JobId job = new JobId("untold");
        take(job);
        settle(AcknowledgeType.ACCEPT);
        GenerationEvent end =
                new GenerationEvent.Failed(new Header(job, 1, 1, now()), "worker", FailureCode.STAGE_FAILED, "no luck");
        store.writeIfAbsent(ArtifactKey.terminalOf(job), facts.write(end).structured())
                .await()
                .indefinitely();

        start(3);

        Awaitility.await().atMost(PATIENCE).until(() -> lastState(job).state().terminal());
        assertEquals(
                List.of(end),
                facts(job).stream().filter(GenerationEvent::terminal).toList());
        assertEquals(1, requestsAfter(QUIET, job).size());
        say(new GenerationEvent.Released(new Header(job, 1, 2, now()), "zombie", ReleaseReason.DRAINED, null));
        Awaitility.await().atMost(PATIENCE).until(() -> lastState(job).state().terminal());
    }

    @Test
    void whatIsLeftOfAnEndedJobIsRemovedAWhileLater() {
        JobId job = new JobId("untidy");
        ArtifactKey late = ArtifactKey.checkpointOf(job, "0123456789abcdef", 3);
        take(job);
        settle(AcknowledgeType.ACCEPT);
        GenerationEvent end = new GenerationEvent.Cancelled(new Header(job, 1, 1, now()), null, 0);
        store.writeIfAbsent(ArtifactKey.terminalOf(job), facts.write(end).structured())
                .await()
                .indefinitely();
        send(topics.state(), messages.write(JobSummary.of(end)), Map.of());
        store.write(late, new byte[8]).await().indefinitely();

        start(3);

        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !store.exists(late).await().indefinitely());
        assertTrue(store.exists(ArtifactKey.requestOf(job)).await().indefinitely());
        assertTrue(store.exists(ArtifactKey.terminalOf(job)).await().indefinitely());
    }

    @Test
    void severalReapersPublishOnceAndOneTakesOverFromAnother() {
        JobId job = new JobId("shared");
        RecordPlace place = take(job);
        settle(AcknowledgeType.REJECT);
        Reaper first = start(3);
        start(3);
        await(topics.requests(), job, 2);
        assertEquals(2, requestsAfter(QUIET, job).size());

        settle(AcknowledgeType.REJECT);
        first.close();

        List<TrailRecord> all = await(topics.requests(), job, 3);
        assertEquals(
                place.toString(), all.getLast().header("zoetrope-supersedes").orElseThrow());
        assertEquals(
                List.of(2L, 3L),
                facts(job).stream()
                        .filter(GenerationEvent.Republished.class::isInstance)
                        .map(fact -> fact.header().sequence())
                        .toList());
    }

    @Test
    void aStoreThatKnowsNothingOfAJobEndsNothing() {
        JobId job = new JobId("unknown");
        say(new GenerationEvent.Released(new Header(job, 1, 0, now()), "worker", ReleaseReason.DRAINED, null));
        start(1);

        assertEquals(0, requestsAfter(QUIET, job).size());
        assertFalse(lastState(job).state().terminal());
    }

    /// A worker takes a job's record, says so, and is never heard of again.
    private RecordPlace take(JobId job) {
        RecordPlace place;
        try (var publisher = new RequestPublisher(SharedBroker.client(), topics, "/alice")) {
            var published = publisher.request(job, REQUEST).join();
            place = new RecordPlace(published.topic(), published.partition(), published.offset());
        }
        store.writeIfAbsent(ArtifactKey.requestOf(job), CANONICAL).await().indefinitely();
        store.write(owner(job), CanonicalJson.write(place)).await().indefinitely();
        say(new GenerationEvent.Requested(
                Header.ofRequest(job, now()),
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                        .objectNode()
                        .put("prompt", "A red circle."),
                new Origin("/alice", place.topic(), place.partition(), place.offset())));
        return place;
    }

    private static ArtifactKey owner(JobId job) {
        return ArtifactKey.of(job, "owner-requests.json");
    }

    /// As workers do that are killed again and again.
    private void deliverUntilDropped() {
        for (int delivery = 1; delivery <= 10; delivery++) {
            settle(AcknowledgeType.RELEASE);
        }
    }

    private void settle(AcknowledgeType how) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            var polled = worker.poll(Duration.ofMillis(500));
            if (!polled.isEmpty()) {
                polled.forEach(record -> worker.acknowledge(record, how));
                worker.commitSync();
                return;
            }
        }
        throw new AssertionError("no record came");
    }

    private Reaper start(int attempts) {
        Reaper reaper = Reaper.start(
                new ReaperSettings(SILENCE, attempts, 100),
                SharedBroker.client(),
                group + "-reaper",
                topics.state(),
                "worker-" + reapers.size(),
                new StoreOfTest(),
                new EndsOfTest(),
                new OutletOfTest(),
                new BrokerQueues(
                        () -> admin,
                        BrokerQueues.Kind.SHARE,
                        topic -> Optional.of(topic.equals(topics.requests()) ? group : group + topic),
                        List.of(topics.prefix() + ".encoded", topics.prefix() + ".denoised", "no-such-topic")),
                Clock.systemUTC());
        reapers.add(reaper);
        return reaper;
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private void say(GenerationEvent fact) {
        send(topics.events(), facts.write(fact), Map.of());
        send(topics.state(), messages.write(JobSummary.of(fact)), Map.of());
    }

    private void send(String topic, CloudEvent event, Map<String, String> more) {
        var record = new ProducerRecord<>(topic, event.subject(), event.data());
        event.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        more.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(record).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private List<GenerationEvent> facts(JobId job) {
        return records(topics.events(), job).stream()
                .map(record -> {
                    Contract.assertValid(record.cloudEvent());
                    return facts.read(record.cloudEvent());
                })
                .toList();
    }

    private JobSummary lastState(JobId job) {
        return messages.readState(records(topics.state(), job).getLast().cloudEvent());
    }

    private List<TrailRecord> await(String topic, JobId job, int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> records(topic, job).size() >= count);
        return records(topic, job);
    }

    private List<TrailRecord> requestsAfter(Duration pause, JobId job) {
        Awaitility.await().pollDelay(pause).until(() -> true);
        return records(topics.requests(), job);
    }

    private static List<TrailRecord> records(String topic, JobId job) {
        try (var reader =
                TrailReader.open(SharedBroker.client(), topic, Optional.of(job), TrailReader.Start.BEGINNING)) {
            return reader.toEnd();
        }
    }

    private GenerationEvent read(ArtifactKey key) {
        return facts.read(CloudEvent.ofStructured(store.read(key).await().indefinitely()));
    }

    private final class StoreOfTest implements JobStore {

        @Override
        public Optional<byte[]> find(ArtifactKey key) {
            try {
                return Optional.of(store.read(key).await().indefinitely());
            } catch (ArtifactException e) {
                assertEquals(ArtifactException.Kind.NOT_FOUND, e.kind());
                return Optional.empty();
            }
        }

        @Override
        public boolean writeIfAbsent(ArtifactKey key, byte[] content) {
            return store.writeIfAbsent(key, content).await().indefinitely();
        }

        @Override
        public List<ArtifactKey> list(String prefix) {
            return store.list(prefix).collect().asList().await().indefinitely();
        }
    }

    private final class OutletOfTest implements Outlet {

        @Override
        public void fact(GenerationEvent fact) {
            send(topics.events(), facts.write(fact), Map.of());
        }

        @Override
        public void deadLetter(DeadLetter letter) {
            send(topics.dead(), messages.write(letter), Map.of());
        }

        @Override
        public void request(String topic, CloudEvent request, Map<String, String> headers) {
            send(topic, request, headers);
        }
    }

    /// The rules of the worker's own endings, in few lines.
    private final class EndsOfTest implements JobEnds {

        @Override
        public Optional<GenerationEvent> of(JobId job) {
            return new StoreOfTest()
                    .find(ArtifactKey.terminalOf(job))
                    .map(json -> facts.read(CloudEvent.ofStructured(json)));
        }

        @Override
        public void end(GenerationEvent fact, JobSummary before, Map<String, String> metadata) {
            store.writeIfAbsent(
                            ArtifactKey.terminalOf(fact.job()),
                            facts.write(fact).structured())
                    .await()
                    .indefinitely();
            announce(of(fact.job()).orElseThrow(), before, metadata);
        }

        @Override
        public void announce(GenerationEvent end, JobSummary before, Map<String, String> metadata) {
            assertEquals(Map.of("shot", "12"), metadata);
            send(topics.events(), facts.write(end), Map.of());
            send(topics.state(), messages.write(before.next(end)), Map.of());
        }

        @Override
        public void tidyIfEnded(JobId job) {
            for (ArtifactKey key : new StoreOfTest().list(ArtifactKey.folderOf(job))) {
                if (key.name().startsWith("checkpoint-")) {
                    store.delete(key).await().indefinitely();
                }
            }
        }
    }
}
