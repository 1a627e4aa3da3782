package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.OwnBroker;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged worker in processes of its own, on a real broker.
class WorkerProcessesIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int SLOTS = 3;

    /// Of a job that is long enough to be interrupted.
    private static final int STEPS = 60;

    @TempDir
    Path folder;

    private OwnBroker broker;
    private Map<String, Object> client;

    /// A stage of a job on a worker.
    private record Span(String worker, JobId job, Stage stage, Instant from, Instant to) {

        boolean overlaps(Span other) {
            return worker.equals(other.worker)
                    && !job.equals(other.job)
                    && stage != other.stage
                    && from.isBefore(other.to)
                    && other.from.isBefore(to);
        }
    }

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
    void twoWorkersShareTwelveRequestsAndEveryJobEndsOnce() throws IOException {
        try (WorkerProcess _ = worker("one");
                WorkerProcess _ = worker("two")) {
            List<JobId> jobs = publish(12);
            jobs.forEach(job -> assertInstanceOf(
                    GenerationEvent.Completed.class,
                    Facts.untilTheEnd(client, job, PATIENCE).getLast()));
            List<GenerationEvent> facts = allFacts();
            Map<JobId, Long> ends = facts.stream()
                    .filter(GenerationEvent::terminal)
                    .collect(Collectors.groupingBy(GenerationEvent::job, Collectors.counting()));
            jobs.forEach(job -> assertEquals(1, ends.get(job), job.value()));

            List<Span> spans = spans(facts);
            assertEquals(Set.of("one", "two"), spans.stream().map(Span::worker).collect(Collectors.toSet()));
            assertTrue(
                    spans.stream().anyMatch(span -> spans.stream().anyMatch(span::overlaps)),
                    "stages of different jobs overlap");
            assertTrue(mostInFlight(facts) <= SLOTS, "jobs in flight in one worker: " + mostInFlight(facts));
        }
    }

    @Test
    void memoryIsFlatFromTheTenthJobToTheFiftieth() throws IOException {
        try (WorkerProcess worker = worker("steady")) {
            List<JobId> first = publish(10);
            first.forEach(job -> Facts.untilTheEnd(client, job, PATIENCE));
            long afterTen = worker.privateBytes();
            List<JobId> more = publish(40);
            more.forEach(job -> Facts.untilTheEnd(client, job, PATIENCE));
            long afterFifty = worker.privateBytes();
            String figures = "private memory after 10 jobs %d MiB, after 50 jobs %d MiB"
                    .formatted(afterTen >> 20, afterFifty >> 20);
            System.out.println(figures);
            assertTrue(afterFifty < afterTen * 1.15, figures);
        }
    }

    @Test
    void stagesInProcessesOfTheirOwnMakeTheSameClip() throws IOException {
        String request = "{\"prompt\":\"A green square rises on a blue background.\",\"seed\":3}";
        GenerationEvent.Completed whole;
        try (WorkerProcess _ = worker("whole")) {
            whole = completed(publish("whole", request));
        }
        try (WorkerProcess _ = worker("encoder", Map.of("zoetrope.worker.stages", "encode"));
                WorkerProcess _ = worker("denoiser", Map.of("zoetrope.worker.stages", "denoise"));
                WorkerProcess _ = worker("decoder", Map.of("zoetrope.worker.stages", "decode"))) {
            JobId job = publish("split", request);
            GenerationEvent.Completed split = completed(job);
            assertEquals(whole.digests(), split.digests());
            assertEquals(
                    whole.artifacts().getFirst().sha256(),
                    split.artifacts().getFirst().sha256());
            assertEquals(
                    List.of("encoder", "denoiser", "decoder"),
                    Facts.untilTheEnd(client, job, PATIENCE).stream()
                            .filter(GenerationEvent.StageStarted.class::isInstance)
                            .map(fact -> ((GenerationEvent.StageStarted) fact).worker())
                            .toList());
        }
    }

    @Test
    void aWorkerThatIsToldToLeaveGivesItsJobsBackAndAnotherGoesOn() throws Exception {
        List<GenerationEvent> facts = interrupted("drained", (worker, _) -> {
            Duration took = worker.terminate();
            assertTrue(took.compareTo(Duration.ofSeconds(15)) < 0, took.toString());
        });
        assertTrue(
                facts.stream()
                        .anyMatch(fact -> fact instanceof GenerationEvent.Released released
                                && released.reason() == ReleaseReason.DRAINED),
                facts.toString());
        assertEquals(STEPS, steps(facts).size(), "no step is done twice: " + steps(facts));
    }

    @Test
    void aWorkerThatIsKilledLosesAStepAtMost() throws Exception {
        List<GenerationEvent> facts = interrupted("killed", (worker, _) -> worker.kill());
        GenerationEvent.Resumed resumed = facts.stream()
                .filter(GenerationEvent.Resumed.class::isInstance)
                .map(GenerationEvent.Resumed.class::cast)
                .reduce((_, last) -> last)
                .orElseThrow();
        assertEquals(Stage.DENOISE, resumed.stage());
        assertTrue(resumed.fromStep() >= 15, resumed.toString());
    }

    @Test
    void aDamagedCheckpointIsIgnoredWithAFact() throws Exception {
        List<GenerationEvent> facts = interrupted("damaged", (worker, job) -> {
            worker.kill();
            damage(job, "checkpoint-", content -> {
                content[content.length / 2] ^= 1;
                return content;
            });
        });
        assertTrue(facts.stream().anyMatch(GenerationEvent.CheckpointIgnored.class::isInstance), facts.toString());
    }

    @Test
    void contextsThatALossOfPowerHasEmptiedAreMadeAgain() throws Exception {
        List<GenerationEvent> facts = interrupted("emptied", (worker, job) -> {
            worker.kill();
            damage(job, "contexts-", _ -> new byte[0]);
        });
        assertTrue(
                facts.stream()
                        .anyMatch(fact -> fact instanceof GenerationEvent.CheckpointIgnored ignored
                                && ignored.key().contains("/contexts-")),
                facts.toString());
        assertEquals(
                2,
                facts.stream()
                        .filter(fact -> fact instanceof GenerationEvent.StageCompleted done
                                && done.stage() == Stage.TEXT_ENCODE)
                        .count(),
                facts.toString());
    }

    /// What happens to a worker in the middle of a job.
    @FunctionalInterface
    private interface Interruption {
        void happen(WorkerProcess worker, JobId job) throws Exception;
    }

    /// Has a worker interrupted in the middle of a job, which another completes: with the latents of an undisturbed
    /// one.
    ///
    /// @return the job's facts
    private List<GenerationEvent> interrupted(String name, Interruption interruption) throws Exception {
        String request =
                "{\"prompt\":\"A green square rises on a blue background.\",\"seed\":4,\"steps\":%d}".formatted(STEPS);
        Map<String, String> everyStep = Map.of("zoetrope.checkpoints.every", "0s");
        try (WorkerProcess first = worker(name + "-first", everyStep)) {
            JobId job = publish(name, request);
            awaitStep(job, STEPS / 3);
            interruption.happen(first, job);
            try (WorkerProcess _ = worker(name + "-second", everyStep)) {
                List<GenerationEvent> facts = Facts.untilTheEnd(client, job, PATIENCE);
                GenerationEvent.Completed completed =
                        assertInstanceOf(GenerationEvent.Completed.class, facts.getLast());
                assertEquals(
                        completed.digests(),
                        completed(publish("undisturbed", request)).digests());
                return facts;
            }
        }
    }

    private void damage(JobId job, String prefix, UnaryOperator<byte[]> damage) throws IOException {
        try (var files = Files.list(folder.resolve("artifacts/jobs/" + job))) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(prefix))
                    .toList();
            assertTrue(!found.isEmpty(), "there is one");
            for (Path file : found) {
                Files.write(file, damage.apply(Files.readAllBytes(file)));
            }
        }
    }

    private void awaitStep(JobId job, int step) {
        try (TrailReader reader =
                TrailReader.open(client, Topics.DEFAULT.events(), Optional.of(job), TrailReader.Start.BEGINNING)) {
            assertTrue(reader.follow(
                    _ -> {},
                    record -> Facts.read(record) instanceof GenerationEvent.StepCompleted done && done.step() >= step,
                    PATIENCE));
        }
    }

    private static List<Integer> steps(List<GenerationEvent> facts) {
        return facts.stream()
                .filter(GenerationEvent.StepCompleted.class::isInstance)
                .map(fact -> ((GenerationEvent.StepCompleted) fact).step())
                .toList();
    }

    private GenerationEvent.Completed completed(JobId job) {
        return assertInstanceOf(
                GenerationEvent.Completed.class,
                Facts.untilTheEnd(client, job, PATIENCE).getLast());
    }

    private JobId publish(String name, String request) {
        JobId job = new JobId(name + "-" + System.nanoTime());
        try (RequestPublisher publisher = new RequestPublisher(client, Topics.DEFAULT, "/test")) {
            publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
        }
        return job;
    }

    private WorkerProcess worker(String id) throws IOException {
        return worker(id, Map.of());
    }

    private WorkerProcess worker(String id, Map<String, String> settings) throws IOException {
        return WorkerProcess.start(
                id,
                broker.bootstrapServers(),
                folder.resolve("artifacts"),
                Path.of("target", "worker-" + id + ".log"),
                settings);
    }

    private List<JobId> publish(int count) {
        List<JobId> jobs = new ArrayList<>();
        try (RequestPublisher publisher = new RequestPublisher(client, Topics.DEFAULT, "/test")) {
            for (int number = 0; number < count; number++) {
                JobId job = new JobId("job-%d-%d".formatted(number, System.nanoTime()));
                String request =
                        "{\"prompt\":\"A red circle rises on a blue background.\",\"seed\":%d}".formatted(number);
                publisher.request(job, request.getBytes(StandardCharsets.UTF_8)).join();
                jobs.add(job);
            }
        }
        return jobs;
    }

    private List<GenerationEvent> allFacts() {
        try (TrailReader reader =
                TrailReader.open(client, Topics.DEFAULT.events(), Optional.empty(), TrailReader.Start.BEGINNING)) {
            return reader.toEnd().stream().map(Facts::read).toList();
        }
    }

    private static List<Span> spans(List<GenerationEvent> facts) {
        Map<String, Instant> began = new HashMap<>();
        List<Span> spans = new ArrayList<>();
        for (GenerationEvent fact : facts) {
            if (fact instanceof GenerationEvent.StageStarted started) {
                began.put(
                        started.job() + " " + started.stage(), started.header().at());
            } else if (fact instanceof GenerationEvent.StageCompleted completed) {
                spans.add(new Span(
                        completed.worker(),
                        completed.job(),
                        completed.stage(),
                        began.get(completed.job() + " " + completed.stage()),
                        completed.header().at()));
            }
        }
        return spans;
    }

    /// The most jobs that one worker had accepted and not ended at the same time.
    private static int mostInFlight(List<GenerationEvent> facts) {
        Map<JobId, String> workers = new HashMap<>();
        Map<String, Integer> inFlight = new HashMap<>();
        int most = 0;
        List<GenerationEvent> byTime = facts.stream()
                .sorted(java.util.Comparator.comparing(fact -> fact.header().at()))
                .toList();
        for (GenerationEvent fact : byTime) {
            if (fact instanceof GenerationEvent.Accepted accepted) {
                workers.put(accepted.job(), accepted.worker());
                most = Math.max(most, inFlight.merge(accepted.worker(), 1, Integer::sum));
            } else if (fact.terminal()) {
                inFlight.merge(workers.get(fact.job()), -1, Integer::sum);
            }
        }
        return most;
    }
}
