package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.request.JobId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Ends jobs, each exactly once: whoever writes the terminal fact into the store first has decided, and everybody who comes
/// later announces that fact again, under the same id.
@ApplicationScoped
class Ending {

    private static final Logger LOG = Logger.getLogger(Ending.class);
    private static final String JSON = "application/json";
    private static final String JOBS = "jobs/";

    private final ArtifactStore artifacts;
    private final Publisher publisher;
    private final JobMetrics metrics;

    Ending(ArtifactStore artifacts, Publisher publisher, JobMetrics metrics) {
        this.artifacts = artifacts;
        this.publisher = publisher;
        this.metrics = metrics;
    }

    /// The fact that ended a job, if it has ended.
    Optional<GenerationEvent> of(JobId job) {
        return artifacts.get(ArtifactKey.terminal(job)).map(publisher::readStructured);
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
                .chain(() -> publisher.result(ResultMessage.of(decided, metadata, this::url)))
                .invoke(() -> LOG.infof("job %s: %s", decided.job(), decided.getClass().getSimpleName()));
    }

    private GenerationEvent decide(GenerationEvent fact) {
        ArtifactKey key = ArtifactKey.terminal(fact.job());
        if (artifacts.putIfAbsent(key, publisher.structured(fact), JSON)) {
            metrics.ended(fact);
            return fact;
        }
        return of(fact.job()).orElseThrow(() -> new IllegalStateException("%s vanished from %s"
                .formatted(key, artifacts.address())));
    }

    /// Keys in facts are `jobs/<job id>/<name>`.
    private java.net.URI url(String path) {
        String[] parts = path.substring(JOBS.length()).split("/", 2);
        return artifacts.url(new ArtifactKey(new JobId(parts[0]), parts[1]));
    }
}
