package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.Stage;
import io.zoetrope.audit.Timings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/// Ends jobs whose clip is stored, and accepts their records.
@ApplicationScoped
class Completion {

    private final Ending ending;
    private final StageFailures failures;
    private final Publisher publisher;
    private final WorkerIdentity worker;
    private final Clock clock;

    Completion(Ending ending, StageFailures failures, Publisher publisher, WorkerIdentity worker, Clock clock) {
        this.ending = ending;
        this.failures = failures;
        this.publisher = publisher;
        this.worker = worker;
        this.clock = clock;
    }

    @Incoming(Channels.DECODED)
    Uni<Void> complete(Message<Job> message) {
        Job job = message.getPayload();
        HeaderSequence headers = job.headers(clock);
        return Uni.createFrom()
                .item(() -> completed(job, headers))
                .chain(fact -> ending.end(fact, job.request().metadata()))
                .chain(() -> Uni.createFrom().completionStage(message.ack()))
                .onFailure()
                .recoverWithUni(
                        failure -> failures.failed(message, new Trail(publisher, headers), Stage.DECODE, failure));
    }

    private GenerationEvent completed(Job job, HeaderSequence headers) {
        return new GenerationEvent.Completed(
                headers.next(),
                worker.id(),
                job.artifacts().stream()
                        .filter(artifact -> !isTensors(artifact))
                        .toList(),
                job.artifacts().stream()
                        .filter(Completion::isLatents)
                        .collect(Collectors.toMap(_ -> "latents", ArtifactReference::sha256)),
                Provenances.of(job.plan(), job.planDigest(), worker),
                timings(job));
    }

    private static boolean isTensors(ArtifactReference artifact) {
        return artifact.key().endsWith(".safetensors");
    }

    private static boolean isLatents(ArtifactReference artifact) {
        return isTensors(artifact) && artifact.key().contains("/latents-");
    }

    private Timings timings(Job job) {
        Instant now = clock.instant();
        return new Timings(
                positive(Duration.between(job.requestedAt(), job.startedAt())),
                job.durations().getOrDefault(Stage.TEXT_ENCODE, Duration.ZERO),
                job.durations().getOrDefault(Stage.DENOISE, Duration.ZERO),
                job.durations().getOrDefault(Stage.DECODE, Duration.ZERO),
                positive(Duration.between(job.requestedAt(), now)));
    }

    /// Clocks of publisher and worker may differ a little.
    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
