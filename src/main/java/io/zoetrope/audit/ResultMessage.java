package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Problem;
import java.net.URI;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// How a job ended, for whoever waits for it: the record of `zoetrope.results`.
///
/// @param status     `completed`, `failed`, `rejected` or `cancelled`
/// @param artifacts  the clip first; empty unless completed
/// @param provenance seed, model, plan and program; null unless completed
/// @param timings    null unless completed
/// @param problems   what was wrong with the request, of very many only the first; empty unless rejected
/// @param failure    null unless failed
/// @param metadata   the request's own, untouched
public record ResultMessage(
        JobId job,
        String status,
        Instant at,
        List<Item> artifacts,
        Provenance provenance,
        Timings timings,
        List<Problem> problems,
        Failure failure,
        Map<String, String> metadata) {

    /// @param url where a reader gets it; may expire
    public record Item(URI url, String key, String mediaType, long bytes, String sha256) {}

    /// @param retryable whether the same request, published under another id, may succeed
    public record Failure(String code, boolean retryable, String detail) {}

    public ResultMessage {
        Required.present("job", job);
        Required.text("status", status);
        Required.present("at", at);
        artifacts = artifacts == null ? List.of() : List.copyOf(artifacts);
        problems = SizeLimits.first(problems);
        metadata = metadata == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /// @param end      the fact that ended the job
    /// @param metadata from the request
    /// @param urlOfKey address of an artifact, as readers reach it
    public static ResultMessage of(GenerationEvent end, Map<String, String> metadata, Function<String, URI> urlOfKey) {
        Builder result = new Builder(end, metadata);
        return switch (end) {
            case GenerationEvent.Completed completed ->
                result.with(
                        "completed",
                        completed.artifacts().stream()
                                .map(artifact -> item(artifact, urlOfKey))
                                .toList(),
                        completed.provenance(),
                        completed.timings(),
                        List.of(),
                        null);
            case GenerationEvent.Failed failed ->
                result.with(
                        "failed",
                        List.of(),
                        null,
                        null,
                        List.of(),
                        new Failure(failed.code(), failed.retryable(), failed.detail()));
            case GenerationEvent.Rejected rejected ->
                result.with("rejected", List.of(), null, null, rejected.problems(), null);
            case GenerationEvent.Cancelled _ -> result.with("cancelled", List.of(), null, null, List.of(), null);
            case GenerationEvent.Requested _,
                    GenerationEvent.Accepted _,
                    GenerationEvent.StageStarted _,
                    GenerationEvent.PromptEnhanced _,
                    GenerationEvent.StepCompleted _,
                    GenerationEvent.StageCompleted _,
                    GenerationEvent.Released _,
                    GenerationEvent.Resumed _,
                    GenerationEvent.CheckpointIgnored _,
                    GenerationEvent.Republished _,
                    GenerationEvent.CancelRequested _ ->
                throw new IllegalArgumentException("fact %s does not end its job".formatted(end.id()));
        };
    }

    private static Item item(ArtifactReference artifact, Function<String, URI> urlOfKey) {
        return new Item(
                urlOfKey.apply(artifact.key()),
                artifact.key(),
                artifact.mediaType(),
                artifact.bytes(),
                artifact.sha256());
    }

    private record Builder(GenerationEvent end, Map<String, String> metadata) {
        ResultMessage with(
                String status,
                List<Item> artifacts,
                Provenance provenance,
                Timings timings,
                List<Problem> problems,
                Failure failure) {
            return new ResultMessage(
                    end.job(), status, end.header().at(), artifacts, provenance, timings, problems, failure, metadata);
        }
    }
}
