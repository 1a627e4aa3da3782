package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.request.JobId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Ends jobs, each exactly once: whoever writes the terminal fact into the store first has decided, and
/// everybody who comes later announces that fact again, under the same id.
@ApplicationScoped
class Ending {

    private static final Logger LOG = Logger.getLogger(Ending.class);

    private final JobArtifacts artifacts;
    private final Publisher publisher;
    private final JobMetrics metrics;

    Ending(JobArtifacts artifacts, Publisher publisher, JobMetrics metrics) {
        this.artifacts = artifacts;
        this.publisher = publisher;
        this.metrics = metrics;
    }

    /// The fact that ended a job, if it has ended.
    Optional<GenerationEvent> of(JobId job) {
        return artifacts.find(ArtifactKey.terminalOf(job)).map(publisher::readStructured);
    }

    /// Ends a job with `fact`, unless it has ended already, and announces how it ended.
    Uni<Void> end(GenerationEvent fact, Map<String, String> metadata) {
        return Uni.createFrom()
                .item(() -> decide(fact))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(decided -> announce(decided, metadata));
    }

    /// Says again how a job ended.
    Uni<Void> announce(GenerationEvent decided, Map<String, String> metadata) {
        return publisher
                .fact(decided)
                .chain(() -> publisher.state(JobSummary.of(decided)))
                .chain(() -> publisher.result(ResultMessage.of(decided, metadata, artifacts::url)))
                .invoke(() -> LOG.infof(
                        "job %s: %s", decided.job(), decided.getClass().getSimpleName()));
    }

    private GenerationEvent decide(GenerationEvent fact) {
        ArtifactKey key = ArtifactKey.terminalOf(fact.job());
        if (artifacts.writeIfAbsent(key, publisher.structured(fact))) {
            metrics.ended(fact);
            return fact;
        }
        return of(fact.job()).orElseThrow(() -> new IllegalStateException(key + " has vanished"));
    }
}
