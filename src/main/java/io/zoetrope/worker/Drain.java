package io.zoetrope.worker;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.ShutdownEvent;
import io.zoetrope.worker.intake.ShareGroupConnector;
import io.zoetrope.worker.ledger.JobArtifacts;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;
import org.jboss.logging.Logger;

/// Leaves in good order when the worker is told to: takes nothing more, lets every job finish its step and keep it,
/// and gives the jobs back. Readiness goes down first.
@ApplicationScoped
class Drain {

    private static final Logger LOG = Logger.getLogger(Drain.class);

    /// Before everything that the jobs still need is taken away.
    private static final int FIRST = 1;

    private static final Duration FOR_THE_REST = Duration.ofSeconds(4);

    /// As of a process that was killed.
    private static final int ENDED = 137;

    private final ShareGroupConnector intake;
    private final ActiveJobs active;
    private final JobArtifacts artifacts;
    private final Duration patience;

    Drain(
            @Connector(ShareGroupConnector.NAME) ShareGroupConnector intake,
            ActiveJobs active,
            JobArtifacts artifacts,
            WorkerConfig config) {
        this.intake = intake;
        this.active = active;
        this.artifacts = artifacts;
        this.patience = config.worker().drain();
    }

    void leave(@Observes @Priority(FIRST) ShutdownEvent event) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            endAtTheLatest(patience.plus(FOR_THE_REST));
        }
        long begin = System.nanoTime();
        intake.drain();
        artifacts.loseNoTime();
        boolean done = active.drain(patience);
        LOG.infof(
                "%s after %.1f s",
                done ? "all jobs are given back" : "leaving with jobs in hand", (System.nanoTime() - begin) / 1e9);
    }

    /// Whoever told the worker to leave kills it a little later; whatever still holds it up then is cut short by itself
    /// before, since a worker may die at any time.
    private static void endAtTheLatest(Duration after) {
        Thread.ofPlatform().daemon().name("last-resort").start(() -> {
            try {
                Thread.sleep(after);
                LOG.warnf("the worker did not end within %s and is ended", after);
                Runtime.getRuntime().halt(ENDED);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
