package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.intake.ReleaseRecord;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// What all queues have in common: who comes in, and how. A record that is near the broker's limit is published again,
/// one that cannot be received is given back, one whose job has ended or is another record's is let go; the others
/// become jobs that are held.
@ApplicationScoped
class Admission {

    private static final Logger LOG = Logger.getLogger(Admission.class);

    /// More often nobody can look where a job stands.
    private static final Duration BETWEEN_SUMMARIES = Duration.ofMillis(100);

    private final JobLedger ledger;
    private final ActiveJobs active;
    private final Publisher publisher;
    private final Ending ending;
    private final Redelivery redelivery;
    private final WorkerIdentity worker;
    private final Clock clock;
    private final int atOnce;

    /// @param atOnce records that are received at the same time: as many as may be held
    Admission(
            JobLedger ledger,
            ActiveJobs active,
            Publisher publisher,
            Ending ending,
            Redelivery redelivery,
            WorkerIdentity worker,
            Clock clock,
            @ConfigProperty(name = "mp.messaging.incoming.requests.slots") int atOnce) {
        this.ledger = ledger;
        this.active = active;
        this.publisher = publisher;
        this.ending = ending;
        this.redelivery = redelivery;
        this.worker = worker;
        this.clock = clock;
        this.atOnce = atOnce;
    }

    /// The jobs of a queue, one for each record that is to be worked on.
    ///
    /// @param reception of one record, on a thread that may wait; nothing if the record is settled
    Multi<HeldJob> admit(
            Multi<Message<byte[]>> records, BiFunction<Message<byte[]>, IntakeRecord, Uni<HeldJob>> reception) {
        return records.onItem()
                .transformToUni(message -> Uni.createFrom()
                        .item(() -> IntakeRecord.of(message))
                        .emitOn(Infrastructure.getDefaultWorkerPool())
                        .chain(record -> redelivery.isDue(record)
                                ? redelivery.publishAgain(message, record).replaceWith((HeldJob) null)
                                : reception.apply(message, record))
                        .onFailure()
                        .recoverWithUni(failure -> giveBack(message, failure)))
                .merge(atOnce);
    }

    /// Begins an attempt at a job.
    ///
    /// @param before what was said of the job
    HeldJob hold(Job job, Message<byte[]> message, IntakeRecord record, JobSummary before) {
        int attempt = ledger.openAttempt(job.id(), worker.id(), record.deliveryCount());
        Trail trail = new Trail(
                publisher::fact,
                publisher::state,
                () -> Uni.createFrom().voidItem().onItem().delayIt().by(BETWEEN_SUMMARIES),
                HeaderSequence.open(job.id(), attempt, clock),
                before);
        JobHold hold = active.hold(job.id(), attempt, message, job.request().deadline());
        hold.speaksBy(trail::sayAgain);
        return new HeldJob(job, hold, trail);
    }

    /// Obeys a command to stop that came before the job.
    void obeyCancellation(HeldJob held) {
        JobId job = held.job().id();
        ledger.cancellation(job).ifPresent(command -> active.cancel(job, command));
    }

    /// Says again how a job ended, and lets its record go.
    Uni<HeldJob> announce(
            Message<byte[]> message, GenerationEvent end, JobSummary before, Map<String, String> metadata) {
        LOG.infof("job %s has ended already", end.job());
        return ending.announce(end, before, metadata).chain(() -> accept(message));
    }

    /// Lets a record go whose job is another record's.
    Uni<HeldJob> letGo(Message<byte[]> message, JobId job, Heritage heritage) {
        LOG.infof("job %s is another record's: %s is let go", job, heritage.place());
        return accept(message);
    }

    /// Settles a record for good.
    ///
    /// @return nothing, as an item for the stream
    static Uni<HeldJob> accept(Message<byte[]> message) {
        return Uni.createFrom().completionStage(message.ack()).replaceWith((HeldJob) null);
    }

    private static Uni<HeldJob> giveBack(Message<byte[]> message, Throwable failure) {
        LOG.errorf("a request could not be received: %s", Fault.oneLine(failure));
        LOG.debugf(failure, "a request could not be received");
        return Uni.createFrom()
                .completionStage(() -> message.nack(new ReleaseRecord(Fault.oneLine(failure))))
                .replaceWith((HeldJob) null);
    }
}
