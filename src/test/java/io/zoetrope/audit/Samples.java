package io.zoetrope.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.zoetrope.audit.GenerationEvent.Accepted;
import io.zoetrope.audit.GenerationEvent.CancelRequested;
import io.zoetrope.audit.GenerationEvent.Cancelled;
import io.zoetrope.audit.GenerationEvent.CheckpointIgnored;
import io.zoetrope.audit.GenerationEvent.Completed;
import io.zoetrope.audit.GenerationEvent.Failed;
import io.zoetrope.audit.GenerationEvent.PromptEnhanced;
import io.zoetrope.audit.GenerationEvent.Rejected;
import io.zoetrope.audit.GenerationEvent.Released;
import io.zoetrope.audit.GenerationEvent.Republished;
import io.zoetrope.audit.GenerationEvent.Requested;
import io.zoetrope.audit.GenerationEvent.Resumed;
import io.zoetrope.audit.GenerationEvent.StageCompleted;
import io.zoetrope.audit.GenerationEvent.StageStarted;
import io.zoetrope.audit.GenerationEvent.StepCompleted;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Facts for the tests of this package, each with every field set.
final class Samples {

    static final JobId JOB = new JobId("a-job");
    static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
    static final String WORKER = "worker-1";
    static final String DIGEST = "0123456789abcdef".repeat(4);
    static final JsonNode REQUEST = JsonNodeFactory.instance
            .objectNode()
            .put("prompt", "A red circle.")
            .put("tenant", "films")
            .put("priority", "low");
    static final JsonNode PLAN = JsonNodeFactory.instance.objectNode().put("frames", 17);
    static final Provenance PROVENANCE = new Provenance(
            new Provenance.ModelIdentity("demo", DIGEST), DIGEST, "18446744073709551615", "zoetrope 0.1.0");
    static final Timings TIMINGS = new Timings(seconds(1), seconds(2), seconds(3), seconds(4), seconds(10));
    static final ArtifactReference CLIP =
            new ArtifactReference("jobs/a-job/clip-0123456789abcdef.mp4", "video/mp4", 4711, DIGEST);
    static final Problem PROBLEM =
            new Problem("width", "off-grid", "100", "a whole number from 32 to 16384, a multiple of 32", "96 or 128");

    private Samples() {}

    static Header header(int attempt, long sequence) {
        return new Header(JOB, attempt, sequence, START.plusSeconds(attempt * 100L + sequence));
    }

    static Requested requested() {
        return new Requested(header(0, 0), REQUEST, new Origin("/zoetrope/cli", "zoetrope.requests", 0, 42));
    }

    static Accepted accepted(int attempt, long sequence) {
        return new Accepted(header(attempt, sequence), WORKER, PLAN, PROVENANCE);
    }

    static StageStarted started(int attempt, long sequence, Stage stage) {
        return new StageStarted(header(attempt, sequence), stage, WORKER, "cpu");
    }

    static PromptEnhanced enhanced(int attempt, long sequence) {
        return new PromptEnhanced(
                header(attempt, sequence),
                "A bright red circle\nglides over “blue”.",
                "A red circle.",
                TokenDecoding.SAMPLED,
                "18446744073709551615",
                300,
                512,
                true,
                null);
    }

    /// The one that says that the prompt was kept.
    static PromptEnhanced kept(int attempt, long sequence) {
        return new PromptEnhanced(
                header(attempt, sequence),
                "A red circle.",
                " ",
                TokenDecoding.GREEDY,
                null,
                300,
                0,
                false,
                "the text model wrote no word");
    }

    static StepCompleted step(int attempt, long sequence, int step) {
        return new StepCompleted(
                header(attempt, sequence), step, 10, 1 - step / 10d, Duration.ofMillis(250), "jobs/a-job/checkpoint");
    }

    static StageCompleted stageCompleted(int attempt, long sequence, Stage stage) {
        return new StageCompleted(header(attempt, sequence), stage, WORKER, seconds(2.5), List.of(CLIP));
    }

    static Released released(int attempt, long sequence, ReleaseReason reason) {
        return new Released(header(attempt, sequence), WORKER, reason, "the pod is leaving");
    }

    static Resumed resumed(int attempt, long sequence, int fromStep) {
        return new Resumed(header(attempt, sequence), WORKER, Stage.DENOISE, fromStep);
    }

    static CancelRequested cancelRequested(int attempt, long sequence) {
        return new CancelRequested(header(attempt, sequence), "alice", "wrong prompt");
    }

    static Cancelled cancelled(int attempt, long sequence) {
        return new Cancelled(header(attempt, sequence), Stage.DENOISE, 3, START, Duration.ofMillis(350));
    }

    static CheckpointIgnored ignored(int attempt, long sequence) {
        return new CheckpointIgnored(
                header(attempt, sequence),
                WORKER,
                "jobs/a-job/checkpoint-0003-0123456789abcdef.safetensors",
                "damaged");
    }

    static Republished republished(int number) {
        return new Republished(
                Header.ofRepublication(JOB, number, START.plusSeconds(1000L * number)),
                WORKER,
                RepublicationReason.SILENCE,
                "zoetrope.requests",
                0,
                42);
    }

    static Failed failed(int attempt, long sequence) {
        return new Failed(header(attempt, sequence), WORKER, FailureCode.DEADLINE_EXCEEDED, "12 s too late");
    }

    static Rejected rejected(int attempt, long sequence) {
        return new Rejected(header(attempt, sequence), List.of(PROBLEM));
    }

    static Completed completed(int attempt, long sequence) {
        return new Completed(
                header(attempt, sequence), WORKER, List.of(CLIP), Map.of("latents", DIGEST), PROVENANCE, TIMINGS);
    }

    /// One fact of every type.
    static List<GenerationEvent> everyType() {
        return List.of(
                requested(),
                rejected(0, 1),
                accepted(1, 0),
                started(1, 1, Stage.TEXT_ENCODE),
                enhanced(1, 2),
                step(1, 3, 1),
                stageCompleted(1, 4, Stage.DENOISE),
                released(1, 5, ReleaseReason.DRAINED),
                resumed(2, 1, 1),
                ignored(2, 2),
                republished(1),
                cancelRequested(2, 3),
                cancelled(2, 4),
                failed(2, 4),
                completed(2, 4));
    }

    /// Where every field that may be absent is absent.
    static List<GenerationEvent> barest() {
        return List.of(
                new Requested(header(0, 0), REQUEST, null),
                new Rejected(header(0, 1), List.of(new Problem("", "not-json", null, "a JSON object", null))),
                new StageStarted(header(1, 1), Stage.DECODE, WORKER, null),
                kept(1, 2),
                new StepCompleted(header(1, 2), 10, 10, 0, Duration.ZERO, null),
                new StageCompleted(header(1, 3), Stage.DECODE, WORKER, Duration.ZERO, List.of()),
                new Released(header(1, 4), WORKER, ReleaseReason.LOCK_LOST, null),
                new CancelRequested(header(1, 5), null, " "),
                new Cancelled(header(1, 6), null, 0),
                new Failed(header(1, 6), null, "new-in-a-later-version", true, "the broker gave it up"),
                new Completed(header(1, 6), WORKER, List.of(CLIP), Map.of(), PROVENANCE, TIMINGS));
    }

    static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
