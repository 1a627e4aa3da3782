package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.audit.Stage;
import io.zoetrope.audit.Timings;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Ends jobs whose clip is stored, and accepts their records.
@ApplicationScoped
class Completion {

    private final Ending ending;
    private final StageFailures failures;
    private final WorkerIdentity worker;
    private final Clock clock;
    private final int atOnce;

    /// @param atOnce jobs that are ended at the same time: as many as may be held
    Completion(
            Ending ending,
            StageFailures failures,
            WorkerIdentity worker,
            Clock clock,
            @ConfigProperty(name = "mp.messaging.incoming.requests.slots") int atOnce) {
        this.ending = ending;
        this.failures = failures;
        this.worker = worker;
        this.clock = clock;
        this.atOnce = atOnce;
    }

    /// The jobs that have ended here.
    Multi<HeldJob> complete(Multi<HeldJob> jobs) {
        return jobs.onItem()
                .transformToUni(
                        held -> complete(held).onFailure().recoverWithUni(failure -> failures.failed(held, failure)))
                .merge(atOnce);
    }

    /// Also if the record may be another worker's by now: the clip is there, and who ends first has decided.
    private Uni<HeldJob> complete(HeldJob held) {
        return ending.end(held, header -> completed(held.job(), header))
                .chain(() -> held.hold().accept())
                .replaceWith(held);
    }

    private GenerationEvent completed(Job job, Header header) {
        return new GenerationEvent.Completed(
                header,
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
                positive(Duration.between(job.requestedAt(), job.startedAt() == null ? now : job.startedAt())),
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
