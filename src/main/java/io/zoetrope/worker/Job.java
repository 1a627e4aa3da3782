package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the stages hand to each other: a small message. Contexts and latents lie in the artifact store, under
/// keys that follow from the job and its plan.
///
/// @param requestedAt when the request was published
/// @param startedAt   when the first stage began; null before
/// @param durations   of the stages done
/// @param artifacts   that the stages stored
public record Job(
        JobId id,
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

    static Job planned(JobId id, GenerationRequest request, GenerationPlan plan, Instant requestedAt) {
        return new Job(id, request, plan, plan.digest(), requestedAt, null, Map.of(), List.of());
    }

    /// Where the result of the first stage lies.
    ArtifactKey contextsKey() {
        return ArtifactKey.contextsOf(id, planDigest);
    }

    /// Where the result of the second stage lies.
    ArtifactKey latentsKey() {
        return ArtifactKey.latentsOf(id, planDigest);
    }

    /// This job after a stage.
    Job after(Stage stage, Instant began, Duration duration, List<ArtifactReference> stored) {
        Map<Stage, Duration> all = new EnumMap<>(Stage.class);
        all.putAll(durations);
        all.put(stage, duration);
        return new Job(
                id, request, plan, planDigest, requestedAt, startedAt == null ? began : startedAt, all, joined(stored));
    }

    /// This job after a stage whose result an earlier attempt has left.
    Job with(List<ArtifactReference> found) {
        return new Job(id, request, plan, planDigest, requestedAt, startedAt, durations, joined(found));
    }

    private List<ArtifactReference> joined(List<ArtifactReference> more) {
        List<ArtifactReference> kept = new ArrayList<>(artifacts);
        kept.addAll(more);
        return kept;
    }
}
