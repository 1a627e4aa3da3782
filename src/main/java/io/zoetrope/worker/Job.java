package io.zoetrope.worker;

import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.Stage;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.JobId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the stages hand to each other: a small message. Contexts and latents lie in the artifact store, under
/// keys that follow from the job and its plan.
///
/// @param attempt      1 for the first worker that takes the job
/// @param nextSequence place of the next fact in this attempt
/// @param requestedAt  when the request was published
/// @param startedAt    when the first stage began; null before
/// @param durations    of the stages done
/// @param artifacts    that the stages stored
public record Job(
        JobId id,
        int attempt,
        long nextSequence,
        GenerationRequest request,
        GenerationPlan plan,
        String planDigest,
        Instant requestedAt,
        Instant startedAt,
        Map<Stage, Duration> durations,
        List<ArtifactReference> artifacts) {

    public Job {
        durations = Map.copyOf(durations);
        artifacts = List.copyOf(artifacts);
    }

    /// Numbers the facts that come next.
    HeaderSequence headers(Clock clock) {
        return HeaderSequence.continueAt(id, attempt, nextSequence, clock);
    }

    /// This job after a stage.
    Job after(Stage stage, Instant began, Duration duration, List<ArtifactReference> stored, HeaderSequence headers) {
        Map<Stage, Duration> all = new EnumMap<>(Stage.class);
        all.putAll(durations);
        all.put(stage, duration);
        List<ArtifactReference> kept = new ArrayList<>(artifacts);
        kept.addAll(stored);
        return new Job(
                id,
                attempt,
                headers.position(),
                request,
                plan,
                planDigest,
                requestedAt,
                startedAt == null ? began : startedAt,
                all,
                kept);
    }
}
