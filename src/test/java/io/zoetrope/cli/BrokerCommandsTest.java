package io.zoetrope.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.audit.CancelCommand;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.Contract;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `cancel` and `dead` on a real broker, which a worker of few words has written to.
class BrokerCommandsTest {

    private static final Topics TOPICS = new Topics("commands-test");
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private static final EventCodec FACTS = new EventCodec(URI.create("/test"));
    private static final MessageCodec MESSAGES = new MessageCodec(URI.create("/test"), Clock.systemUTC());
    private static final byte[] REQUEST = "{\"prompt\":\"A red circle.\"}".getBytes(StandardCharsets.UTF_8);

    private static KafkaProducer<String, byte[]> producer;

    private record Outcome(int code, String out, String error) {}

    @BeforeAll
    static void createTopics() {
        try (var admin = Admin.create(SharedBroker.client())) {
            new ClusterSetup(admin).createMissing(TOPICS.definitions(new Topics.Partitions(1, 3)));
        }
        producer = new KafkaProducer<>(SharedBroker.client(), new StringSerializer(), new ByteArraySerializer());
    }

    @AfterAll
    static void close() {
        producer.close();
    }

    @Test
    void cancelFollowsTheJobToItsEnd() throws Exception {
        JobId job = new JobId("running");
        say(accepted(job));
        Thread worker = Thread.ofPlatform().start(() -> {
            TrailRecord command = only(TOPICS.control(), job);
            CancelCommand read = MESSAGES.readCancel(command.cloudEvent());
            assertEquals(new CancelCommand(job, "alice", "wrong prompt"), read);
            Contract.assertValid("cancel.v1", command.value());
            say(new GenerationEvent.Cancelled(
                    new Header(job, 1, 1, NOW), Stage.DENOISE, 3, NOW, Duration.ofMillis(310)));
        });

        Outcome outcome = run("cancel", "running", "--by=alice", "--reason=wrong prompt");

        worker.join();
        assertEquals(0, outcome.code(), outcome.error());
        assertTrue(outcome.out().contains("in denoise at step 3, 0.31 s after the command"), outcome.out());
        assertTrue(!outcome.out().contains("released"), "only what follows is shown: " + outcome.out());
    }

    @Test
    void aJobThatEndsOtherwiseIsNoSuccess() {
        JobId job = new JobId("faster");
        say(failed(job));

        Outcome outcome = run("cancel", "faster");

        assertEquals(Failures.FAILED, outcome.code());
        assertTrue(outcome.error().contains("job faster had ended before: failed"), outcome.error());
        assertEquals(0, records(TOPICS.control(), job).size(), "there is nothing to command");
    }

    @Test
    void aSecondCommandForACancelledJobIsASuccess() {
        say(new GenerationEvent.Cancelled(new Header(new JobId("gone"), 1, 1, NOW), null, 0));

        Outcome outcome = run("cancel", "gone", "--json");

        assertEquals(0, outcome.code(), outcome.error());
        assertTrue(outcome.out().contains("io.zoetrope.generation.cancelled.v1"), outcome.out());
    }

    @Test
    void withoutWaitingTheCommandIsAll() {
        Outcome outcome = run("cancel", "queued", "--no-wait");

        assertEquals(0, outcome.code(), outcome.error());
        assertEquals(1, records(TOPICS.control(), new JobId("queued")).size());
    }

    @Test
    void aJobThatDoesNotEndInTimeIsSaid() {
        Outcome outcome = run("cancel", "silent", "--patience=1");

        assertEquals(Failures.FAILED, outcome.code());
        assertTrue(outcome.error().contains("has not ended within 1 s; the command is kept"), outcome.error());
    }

    @Test
    void deadLettersAreListedAndShown() throws Exception {
        bury("listed", "rejected", TOPICS.requests(), REQUEST, Map.of("ce_source", "/alice"));
        bury(
                "evil",
                "a-reason-of-its-own",
                TOPICS.requests(),
                "\u001B[31m{\nred".getBytes(StandardCharsets.UTF_8),
                Map.of());

        Outcome lines = run("dead", "list");
        Outcome json = run("dead", "list", "--json", "--reason=a-reason-of-its-own");
        Outcome shown = run("dead", "show", "listed");
        Outcome evil = run("dead", "show", "evil");

        assertEquals(0, lines.code(), lines.error());
        assertTrue(lines.out().contains("listed  rejected  one problem"), lines.out());
        var first = new ObjectMapper().readTree(json.out().lines().findFirst().orElseThrow());
        assertEquals("evil", first.get("job").textValue());
        assertTrue(first.get("whole").booleanValue());
        assertEquals(1, json.out().lines().count());
        assertTrue(shown.out().contains("header   ce_source: /alice"), shown.out());
        assertTrue(shown.out().contains("value    {\"prompt\":\"A red circle.\"}"), shown.out());
        assertTrue(shown.out().contains("problem  width: '100' is not allowed"), shown.out());
        assertTrue(evil.out().contains("\uFFFD[31m{\nred"), evil.out());
        Contract.assertValid(
                "dead-letter.v1", run("dead", "show", "listed", "--json").out().strip());
    }

    @Test
    void aRequeuedRequestIsANewJobWithItsHeaders() {
        bury(
                "again",
                "poison",
                TOPICS.requests(),
                REQUEST,
                Map.of(
                        "ce_source", "/alice",
                        "ce_subject", "again",
                        "ce_id", "again/request",
                        "traceparent", "00-1-2-01",
                        "zoetrope-supersedes", "t/0/1"));

        Outcome first = run("dead", "requeue", "again");
        Outcome second = run("dead", "requeue", "again");
        Outcome named = run("dead", "requeue", "again", "--as=another");
        Outcome taken = run("dead", "requeue", "again", "--as=another");

        assertEquals("again-2", first.out().strip(), first.error());
        assertTrue(first.error().contains("job again has ended (poison) and stays so"), first.error());
        assertEquals("again-3", second.out().strip(), second.error());
        assertEquals("another", named.out().strip(), named.error());
        assertEquals(Failures.WRONG_INPUT, taken.code());
        assertTrue(taken.error().contains("is a job already"), taken.error());
        TrailRecord record = only(TOPICS.requests(), new JobId("again-2"));
        assertArrayEquals(REQUEST, record.value());
        Map<String, String> headers = new HashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        assertEquals(
                Map.of(
                        "ce_source", "/alice",
                        "ce_subject", "again-2",
                        "ce_id", "again-2/request",
                        "traceparent", "00-1-2-01"),
                headers);
    }

    @Test
    void aTicketBetweenStagesIsRequeuedAsItsRequest() {
        byte[] ticket = "{\"job\":{\"id\":\"split\",\"request\":{\"prompt\":\"A red circle.\"}},\"summary\":{}}"
                .getBytes(StandardCharsets.UTF_8);
        bury(
                "split",
                "poison",
                TOPICS.queue(Topics.Queue.ENCODED, io.zoetrope.request.Priority.NORMAL),
                ticket,
                Map.of());

        Outcome outcome = run("dead", "requeue", "split");

        assertEquals("split-2", outcome.out().strip(), outcome.error());
        assertArrayEquals(REQUEST, only(TOPICS.requests(), new JobId("split-2")).value());
    }

    @Test
    void whatCannotBeRequeuedIsSaid() {
        bury("long", "rejected", TOPICS.requests(), new byte[2_000_000], Map.of());
        bury(
                "no-ticket",
                "unreadable",
                TOPICS.queue(Topics.Queue.DENOISED, io.zoetrope.request.Priority.NORMAL),
                REQUEST,
                Map.of());

        for (String[] arguments : List.of(
                new String[] {"dead", "requeue", "long"},
                new String[] {"dead", "requeue", "no-ticket"},
                new String[] {"dead", "requeue", "never-heard-of"},
                new String[] {"dead", "show", "never-heard-of"},
                new String[] {"dead", "requeue", "long", "--as=long"},
                new String[] {"dead", "requeue", "long", "--as=no/slashes"},
                new String[] {"cancel", "no/slashes"},
                new String[] {"cancel", "job", "--topics=no spaces"})) {
            Outcome outcome = run(arguments);
            assertEquals(Failures.WRONG_INPUT, outcome.code(), String.join(" ", arguments));
            assertEquals(
                    1,
                    outcome.error()
                            .lines()
                            .filter(line -> line.startsWith("zoetrope:"))
                            .count());
        }
    }

    @Test
    void helpTeaches() {
        assertTrue(run("cancel", "--help").out().contains("stops within a step"));
        assertTrue(run("dead", "requeue", "--help").out().contains("The end of a job never changes"));
        Outcome bare = run("dead");
        assertEquals(Failures.WRONG_INPUT, bare.code());
    }

    private static GenerationEvent accepted(JobId job) {
        return new GenerationEvent.Released(
                new Header(job, 1, 0, NOW), "worker", io.zoetrope.audit.ReleaseReason.DRAINED, null);
    }

    private static GenerationEvent failed(JobId job) {
        return new GenerationEvent.Failed(new Header(job, 1, 1, NOW), "worker", FailureCode.STAGE_FAILED, "no luck");
    }

    private static void say(GenerationEvent fact) {
        send(TOPICS.events(), FACTS.write(fact));
        send(TOPICS.state(), MESSAGES.write(JobSummary.of(fact)));
    }

    private static void bury(String job, String reason, String topic, byte[] value, Map<String, String> headers) {
        Map<String, byte[]> bytes = new HashMap<>();
        headers.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
        send(
                TOPICS.dead(),
                MESSAGES.write(new DeadLetter(
                        new JobId(job),
                        reason,
                        "one problem",
                        List.of(new Problem("width", "off-grid", "100", "a multiple of 32", "96")),
                        new DeadLetter.Original(topic, 0, 7, job.getBytes(StandardCharsets.UTF_8), value, bytes),
                        "worker",
                        NOW)));
    }

    private static void send(String topic, CloudEvent event) {
        var record = new ProducerRecord<>(topic, event.subject(), event.data());
        event.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(record).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static TrailRecord only(String topic, JobId job) {
        try (var reader =
                TrailReader.open(SharedBroker.client(), topic, Optional.of(job), TrailReader.Start.BEGINNING)) {
            return reader.next(Duration.ofSeconds(20)).orElseThrow();
        }
    }

    private static List<TrailRecord> records(String topic, JobId job) {
        try (var reader =
                TrailReader.open(SharedBroker.client(), topic, Optional.of(job), TrailReader.Start.BEGINNING)) {
            return reader.toEnd();
        }
    }

    private static Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (all.size() > 1 && !all.contains("--help")) {
            all.add("--bootstrap=" + SharedBroker.bootstrapServers());
            if (all.stream().noneMatch(argument -> argument.startsWith("--topics"))) {
                all.add("--topics=" + TOPICS.prefix());
            }
        }
        PrintStream out = System.out;
        PrintStream error = System.err;
        var printed = new ByteArrayOutputStream();
        var complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int code = Zoetrope.run(all.toArray(String[]::new));
            return new Outcome(
                    code, printed.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(error);
        }
    }
}
