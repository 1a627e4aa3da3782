package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.ResultMessage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.ledger.JobArtifacts;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Ends jobs, each exactly once: whoever writes the terminal fact into the store first has decided, and
/// everybody who comes later announces that fact again, under the same id.
@ApplicationScoped
class Ending {

    private static final Logger LOG = Logger.getLogger(Ending.class);

    private final JobArtifacts artifacts;
    private final JobLedger ledger;
    private final Publisher publisher;
    private final JobMetrics metrics;

    Ending(JobArtifacts artifacts, JobLedger ledger, Publisher publisher, JobMetrics metrics) {
        this.artifacts = artifacts;
        this.ledger = ledger;
        this.publisher = publisher;
        this.metrics = metrics;
    }

    /// The fact that ended a job, if it has ended.
    Optional<GenerationEvent> of(JobId job) {
        return artifacts.find(ArtifactKey.terminalOf(job)).map(publisher::readStructured);
    }

    /// Ends a job that is held, unless it has ended already, and announces how it ended. All that was said of it is
    /// safe before its end is decided.
    Uni<Void> end(HeldJob held, Trail.Fact fact) {
        Trail trail = held.trail();
        return trail.factsSettled()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(_ -> decide(held.ending(fact)))
                .invoke(trail::silence)
                .chain(decided -> announce(decided, trail.summary(), held.metadata()));
    }

    /// Ends a job that nobody holds with `fact`, unless it has ended already, and announces how it ended.
    ///
    /// @param before what was known of the job
    Uni<Void> end(GenerationEvent fact, JobSummary before, Map<String, String> metadata) {
        return Uni.createFrom()
                .item(() -> decide(fact))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(decided -> announce(decided, before, metadata));
    }

    /// Says again how a job ended, and tidies up. Whoever reads of the end elsewhere finds its fact in the trail.
    Uni<Void> announce(GenerationEvent decided, JobSummary before, Map<String, String> metadata) {
        return publisher
                .fact(decided)
                .chain(() -> Uni.join()
                        .all(
                                publisher.state(before.next(decided)),
                                publisher.result(ResultMessage.of(decided, metadata, artifacts::url)))
                        .andFailFast())
                .invoke(() -> LOG.infof(
                        "job %s: %s", decided.job(), decided.getClass().getSimpleName()))
                .invoke(() -> tidyLater(decided))
                .replaceWithVoid();
    }

    /// Puts right what a worker that came too late has said and left of a job that has ended: the latest state is its
    /// end, and nothing lies about.
    ///
    /// @param said what that worker has made of the job
    Uni<Void> putRightIfEnded(JobId job, JobSummary said) {
        return Uni.createFrom()
                .item(() -> of(job))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(end -> end.map(decided -> publisher
                                .state(said.next(decided))
                                .emitOn(Infrastructure.getDefaultWorkerPool())
                                .invoke(() -> tidy(decided)))
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }

    /// Removes what late workers have left of a job that has ended, without a word.
    void tidyIfEnded(JobId job) {
        of(job).ifPresent(this::tidy);
    }

    /// Nobody waits for it: if the worker leaves before, the reaper looks through the folder once more.
    private void tidyLater(GenerationEvent decided) {
        Uni.createFrom()
                .voidItem()
                .invoke(() -> tidy(decided))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .subscribe()
                .with(
                        _ -> {},
                        failure -> LOG.warnf(
                                "the folder of job %s is not tidy: %s", decided.job(), Fault.oneLine(failure)));
    }

    private void tidy(GenerationEvent decided) {
        List<String> named = decided instanceof GenerationEvent.Completed completed
                ? completed.artifacts().stream().map(ArtifactReference::key).toList()
                : List.of();
        ledger.tidy(decided.job(), named);
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
