package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.OwnBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged worker under records that should be requests and are not, with jobs in between.
class WorkerFuzzIT {

    private static final int EVENTS = Integer.getInteger("test.zoetrope.fuzz.events", 700);
    private static final long SEED = Long.getLong("test.zoetrope.fuzz.seed", 20261125);
    private static final int BATCH = 50;
    private static final int COMMANDS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String VALID =
            "{\"prompt\":\"A red circle rises on a blue background.\",\"seed\":%d,\"steps\":2,\"frames\":9,"
                    + "\"width\":64,\"height\":64}";

    @TempDir
    Path folder;

    private OwnBroker broker;
    private Map<String, Object> client;

    /// A record that was published.
    private record Published(long offset, JobId job, RequestFuzz.Event event) {}

    @BeforeEach
    void startBroker() {
        broker = OwnBroker.start(folder.resolve("kafka"));
        client = broker.client();
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void everyBrokenRequestIsAnsweredAndTheJobsInBetweenAreDone() throws Exception {
        RequestFuzz fuzz = new RequestFuzz(SEED, "a");
        FuzzAnswers answers = new FuzzAnswers();
        List<Published> published = new ArrayList<>();
        List<JobId> valid = new ArrayList<>();
        List<Long> memory = new ArrayList<>();
        try (WorkerProcess worker = WorkerProcess.start(
                        "fuzzed",
                        broker.bootstrapServers(),
                        folder.resolve("artifacts"),
                        Path.of("target", "worker-fuzzed.log"),
                        Map.of());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
                TrailReader facts = reader(Topics.DEFAULT.events());
                TrailReader dead = reader(Topics.DEFAULT.dead());
                TrailReader results = reader(Topics.DEFAULT.results())) {
            long start = System.nanoTime();
            for (long number = 0; number < EVENTS; number++) {
                RequestFuzz.Event event = fuzz.event(number);
                published.add(publish(producer, event, fuzz));
                if (number % COMMANDS == 0) { // what is no request is no command either, or one to stop its own job
                    send(producer, record(Topics.DEFAULT.control(), event));
                }
                if ((number + 1) % BATCH == 0) {
                    JobId job = new JobId("valid-" + number);
                    valid.add(job);
                    send(
                            producer,
                            new ProducerRecord<>(
                                    Topics.DEFAULT.requests(),
                                    job.value().getBytes(StandardCharsets.UTF_8),
                                    VALID.formatted(number).getBytes(StandardCharsets.UTF_8)));
                    awaitEnd(job, facts, answers);
                    memory.add(worker.residentBytes());
                }
            }
            awaitAnswers(published, facts, dead, results, answers);
            double seconds = (System.nanoTime() - start) / 1e9;

            report(published, answers, valid, seconds);
            System.out.println(figures(memory));
            assertTrue(worker.isAlive(), "the worker has died");
            valid.forEach(job -> assertInstanceOf(
                    GenerationEvent.Completed.class, answers.end(job).orElseThrow(), job.value()));
            answers.assertRefusalsAreKept();
            assertEquals(List.of(), answers.faults());
            assertFlat(memory);
        }
    }

    private TrailReader reader(String topic) {
        return TrailReader.open(client, topic, Optional.empty(), TrailReader.Start.BEGINNING);
    }

    private static Published publish(KafkaProducer<byte[], byte[]> producer, RequestFuzz.Event event, RequestFuzz fuzz)
            throws Exception {
        long offset = send(producer, record(Topics.DEFAULT.requests(), event)).offset();
        JobId job = event.job()
                .orElseGet(() -> event.kind() == RequestFuzz.Kind.STRUCTURED
                        ? new JobId(fuzz.jobId(event.number()))
                        : JobId.ofRecord(Topics.DEFAULT.requests(), 0, offset));
        return new Published(offset, job, event);
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, RequestFuzz.Event event) {
        return new ProducerRecord<>(topic, 0, event.timestamp(), event.key(), event.value(), event.headers());
    }

    private static RecordMetadata send(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record)
            throws InterruptedException, ExecutionException {
        return producer.send(record).get();
    }

    private static void awaitEnd(JobId job, TrailReader facts, FuzzAnswers answers) {
        boolean ended = facts.follow(answers::fact, _ -> answers.end(job).isPresent(), PATIENCE);
        assertTrue(ended, () -> "job %s has not ended within %s".formatted(job, PATIENCE));
    }

    private static void awaitAnswers(
            List<Published> published, TrailReader facts, TrailReader dead, TrailReader results, FuzzAnswers answers)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Published> open = published;
        while (true) {
            facts.toEnd().forEach(answers::fact);
            dead.toEnd().forEach(answers::deadLetter);
            results.toEnd().forEach(answers::result);
            open = open.stream()
                    .filter(record ->
                            answers.answer(record.offset(), record.job()).isEmpty())
                    .toList();
            if (open.isEmpty()) {
                return;
            }
            List<Published> left = open;
            assertTrue(
                    System.nanoTime() - deadline < 0,
                    () -> "faults %s; %d records without an answer: %s"
                            .formatted(
                                    answers.faults(),
                                    left.size(),
                                    left.stream()
                                            .limit(20)
                                            .map(Record::toString)
                                            .toList()));
            Thread.sleep(500);
        }
    }

    private static void report(List<Published> published, FuzzAnswers answers, List<JobId> valid, double seconds) {
        Map<String, Integer> counts = new TreeMap<>();
        published.forEach(record ->
                counts.merge(answers.answer(record.offset(), record.job()).orElseThrow(), 1, Integer::sum));
        System.out.printf(
                "%d fuzzed records (seed %d) and %d jobs in %.1f s (%.0f records/s): %s%ncodes: %s%n",
                published.size(), SEED, valid.size(), seconds, published.size() / seconds, counts, answers.codes());
    }

    /// The first fifth is for warming up.
    private static void assertFlat(List<Long> memory) {
        assertTrue(memory.size() >= 5, "too few records to tell whether memory is flat, expected 250 or more");
        assertTrue(atTheEnd(memory) < warm(memory) * 1.05, figures(memory));
    }

    private static String figures(List<Long> memory) {
        int stride = Math.max(1, memory.size() / 20);
        List<Long> some = IntStream.range(0, memory.size())
                .filter(index -> index % stride == 0)
                .mapToObj(index -> memory.get(index) >> 20)
                .toList();
        return "resident memory after warm-up %d MiB, at the end %d MiB; every %d records: %s"
                .formatted(warm(memory) >> 20, atTheEnd(memory) >> 20, BATCH * stride, some);
    }

    private static long warm(List<Long> memory) {
        int begin = memory.size() / 5;
        return median(memory.subList(begin, begin + Math.max(1, memory.size() / 5)));
    }

    private static long atTheEnd(List<Long> memory) {
        return median(memory.subList(memory.size() - Math.max(1, memory.size() / 5), memory.size()));
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
