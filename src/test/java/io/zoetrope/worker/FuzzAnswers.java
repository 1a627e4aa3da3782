package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.audit.Contract;
import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import io.zoetrope.request.ProblemCodes;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a worker has said to each of many records: gathered from its topics, every message held against the
/// contract and every code against the closed lists.
final class FuzzAnswers {

    /// What a dead letter says.
    private record Refusal(JobId job, Set<String> codes) {}

    private static final EventCodec CODEC = new EventCodec(URI.create("/test"));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> FAILURES =
            Arrays.stream(FailureCode.values()).map(FailureCode::code).collect(Collectors.toUnmodifiableSet());

    private final Map<JobId, GenerationEvent> ends = new HashMap<>();
    private final Map<Long, JobId> requested = new HashMap<>();
    private final Map<Long, Refusal> dead = new HashMap<>();
    private final Set<JobId> refusedResults = new HashSet<>();
    private final Map<String, Integer> codes = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    /// Takes a record of the topic of facts.
    void fact(TrailRecord record) {
        hold(record, this::readFact);
    }

    /// Takes a record of the topic of dead letters.
    void deadLetter(TrailRecord record) {
        hold(record, this::readDeadLetter);
    }

    /// Takes a record of the topic of results.
    void result(TrailRecord record) {
        hold(record, this::readResult);
    }

    /// What was against the contract.
    List<String> faults() {
        return faults;
    }

    /// One fault must not hide the others.
    private void hold(TrailRecord record, Consumer<TrailRecord> reader) {
        try {
            reader.accept(record);
        } catch (AssertionError | RuntimeException fault) {
            faults.add("%s at %d: %s".formatted(record.topic(), record.offset(), fault));
        }
    }

    private void readFact(TrailRecord record) {
        GenerationEvent fact = CODEC.read(record.cloudEvent());
        switch (fact) {
            case GenerationEvent.Requested asked -> requested.put(asked.origin().offset(), fact.job());
            case GenerationEvent.Rejected refused -> refused.problems().forEach(FuzzAnswers::assertKnown);
            case GenerationEvent.Failed failed ->
                assertTrue(FAILURES.contains(failed.code()), () -> "code of " + failed);
            case GenerationEvent.Accepted _,
                    GenerationEvent.StageStarted _,
                    GenerationEvent.PromptEnhanced _,
                    GenerationEvent.StepCompleted _,
                    GenerationEvent.StageCompleted _,
                    GenerationEvent.Released _,
                    GenerationEvent.Resumed _,
                    GenerationEvent.CancelRequested _,
                    GenerationEvent.Cancelled _,
                    GenerationEvent.CheckpointIgnored _,
                    GenerationEvent.Republished _,
                    GenerationEvent.Completed _ -> {
                // nothing to hold it against
            }
        }
        if (fact.terminal()) {
            GenerationEvent before = ends.put(fact.job(), fact);
            assertTrue(before == null || before.equals(fact), () -> "two ends: %s and %s".formatted(before, fact));
            if (before == null) {
                codes(fact).forEach(code -> codes.merge(code, 1, Integer::sum));
            }
        }
        Contract.assertValid(record.cloudEvent());
    }

    private void readDeadLetter(TrailRecord record) {
        JsonNode letter = json(record);
        Set<String> found = new HashSet<>();
        dead.put(
                letter.at("/original/offset").longValue(),
                new Refusal(new JobId(letter.get("job").textValue()), found));
        letter.get("problems").forEach(problem -> {
            String code = problem.get("code").textValue();
            assertTrue(ProblemCodes.ALL.contains(code), code);
            found.add(code);
        });
        Contract.assertValid(record.cloudEvent());
    }

    private void readResult(TrailRecord record) {
        JsonNode result = json(record);
        if (result.get("status").textValue().equals("rejected")) {
            refusedResults.add(new JobId(result.get("job").textValue()));
        }
        Contract.assertValid(record.cloudEvent());
    }

    Optional<GenerationEvent> end(JobId job) {
        return Optional.ofNullable(ends.get(job));
    }

    /// How a record was answered; empty if it was not.
    ///
    /// @param job the job that the record names, if it names one
    Optional<String> answer(long offset, JobId job) {
        JobId named = requested.get(offset);
        if (named != null) {
            return end(named).map(end -> end.getClass().getSimpleName());
        }
        Refusal refusal = dead.get(offset);
        if (refusal != null && refusal.codes().contains("conflicting-job")) {
            return refusedResults.contains(refusal.job()) ? Optional.of("refused: conflicting-job") : Optional.empty();
        }
        if (refusal != null) { // its headers claim another origin
            return end(refusal.job()).map(end -> end.getClass().getSimpleName());
        }
        return end(job).map(_ -> "duplicate");
    }

    /// How often each code ended a job.
    Map<String, Integer> codes() {
        return codes;
    }

    /// Every refusal has a dead letter.
    void assertRefusalsAreKept() {
        Set<JobId> kept = dead.values().stream().map(Refusal::job).collect(Collectors.toSet());
        ends.forEach((job, end) -> assertTrue(
                !(end instanceof GenerationEvent.Rejected) || kept.contains(job),
                () -> "no dead letter of job %s".formatted(job)));
    }

    private static Stream<String> codes(GenerationEvent end) {
        return switch (end) {
            case GenerationEvent.Rejected refused ->
                refused.problems().stream().map(Problem::code).distinct();
            case GenerationEvent.Failed failed -> Stream.of("failed: " + failed.code());
            default -> Stream.of(end.getClass().getSimpleName());
        };
    }

    private static void assertKnown(Problem problem) {
        assertTrue(ProblemCodes.ALL.contains(problem.code()), problem.code());
    }

    private static JsonNode json(TrailRecord record) {
        try {
            return JSON.readTree(record.value());
        } catch (IOException e) {
            throw new AssertionError(new String(record.value(), StandardCharsets.UTF_8), e);
        }
    }
}
