package io.zoetrope.worker;

import io.zoetrope.request.JobId;
import io.zoetrope.worker.ledger.JobLedger;
import io.zoetrope.worker.ledger.JobLedger.Cancellation;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// The jobs that this worker holds, for those who want them to stop.
@ApplicationScoped
class ActiveJobs {

    private static final Logger LOG = Logger.getLogger(ActiveJobs.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    /// Well below what the reaper takes for the end of a worker.
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(2);

    private final JobLedger ledger;
    private final Clock clock;
    private final Set<JobHold> holds = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("active-jobs").daemon().factory());
    private volatile boolean draining;

    ActiveJobs(JobLedger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
        var _ = timer.scheduleWithFixedDelay(
                this::lookForCancellations, BETWEEN_LOOKS.toMillis(), BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> holds.forEach(JobHold::sayAgain),
                LONGEST_SILENCE.toMillis(),
                LONGEST_SILENCE.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /// Begins to hold a job. A command to stop it that came before is heard too.
    JobHold hold(JobId job, int attempt, Message<byte[]> message, Optional<Instant> deadline) {
        JobHold[] self = new JobHold[1];
        JobHold hold = new JobHold(job, attempt, message, deadline, clock, () -> holds.remove(self[0]));
        self[0] = hold;
        holds.add(hold);
        if (draining) {
            hold.stop(new Stop.Draining());
        }
        return hold;
    }

    /// Stops a job, if it is here.
    void cancel(JobId job, Cancellation command) {
        for (JobHold hold : holds) {
            if (hold.job().equals(job)) {
                hold.stop(new Stop.Cancelled(command, clock.instant()));
            }
        }
    }

    /// Stops all jobs, those that come included, and waits until their records are settled.
    ///
    /// @return whether none is left
    boolean drain(Duration patience) {
        draining = true;
        holds.forEach(hold -> hold.stop(new Stop.Draining()));
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!holds.isEmpty() && System.nanoTime() - deadline < 0) {
                Thread.sleep(20);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return holds.isEmpty();
    }

    @PreDestroy
    void close() {
        timer.shutdownNow();
    }

    /// What the control topic told while this worker was not yet listening stands in the ledger.
    private void lookForCancellations() {
        for (JobHold hold : holds) {
            try {
                ledger.cancellation(hold.job())
                        .ifPresent(command -> hold.stop(new Stop.Cancelled(command, clock.instant())));
            } catch (RuntimeException failure) {
                LOG.debugf("whether job %s is cancelled is not known: %s", hold.job(), failure.getMessage());
                return;
            }
        }
    }
}
