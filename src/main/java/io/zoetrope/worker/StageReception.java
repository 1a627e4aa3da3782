package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.HeaderSequence;
import io.zoetrope.audit.Stage;
import io.zoetrope.worker.intake.Heritage;
import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.ledger.JobLedger;
import io.zoetrope.worker.ledger.Ownership;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// Receives jobs whose earlier stages other workers have done.
@ApplicationScoped
class StageReception {

    private static final Logger LOG = Logger.getLogger(StageReception.class);

    private final JobLedger ledger;
    private final ActiveJobs active;
    private final Publisher publisher;
    private final Ending ending;
    private final Redelivery redelivery;
    private final StageFailures failures;
    private final WorkerIdentity worker;
    private final Clock clock;

    StageReception(
            JobLedger ledger,
            ActiveJobs active,
            Publisher publisher,
            Ending ending,
            Redelivery redelivery,
            StageFailures failures,
            WorkerIdentity worker,
            Clock clock) {
        this.ledger = ledger;
        this.active = active;
        this.publisher = publisher;
        this.ending = ending;
        this.redelivery = redelivery;
        this.failures = failures;
        this.worker = worker;
        this.clock = clock;
    }

    /// The jobs that wait for `stage`.
    Multi<HeldJob> receive(Stage stage, Multi<Message<byte[]>> records) {
        return records.onItem().transformToUniAndConcatenate(message -> receive(stage, message));
    }

    private Uni<HeldJob> receive(Stage stage, Message<byte[]> message) {
        return Uni.createFrom()
                .item(() -> IntakeRecord.of(message))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .chain(record -> redelivery.isDue(record)
                        ? redelivery.publishAgain(message, record).replaceWith((HeldJob) null)
                        : read(stage, message, record))
                .onFailure()
                .recoverWithUni(failure -> failures.unreceived(message, failure).replaceWith((HeldJob) null));
    }

    private Uni<HeldJob> read(Stage stage, Message<byte[]> message, IntakeRecord record) {
        StageTicket ticket;
        try {
            ticket = StageTicket.parse(message.getPayload());
        } catch (IllegalArgumentException unreadable) {
            return bury(message, record, unreadable);
        }
        return receive(stage, message, record, ticket);
    }

    private Uni<HeldJob> receive(Stage stage, Message<byte[]> message, IntakeRecord record, StageTicket ticket) {
        Job job = ticket.job();
        Heritage heritage = Heritage.of(record);
        Ownership ownership = ledger.claim(job.id(), stage.label(), heritage.place(), heritage.supersedes());
        // Asked after claiming: an owner that ended in between has left its end, and nothing else.
        Optional<GenerationEvent> end = ending.of(job.id());
        if (end.isPresent()) {
            return ending.announce(end.get(), ticket.summary(), job.request().metadata())
                    .chain(() -> Uni.createFrom().completionStage(message.ack()))
                    .replaceWith((HeldJob) null);
        }
        if (ownership != Ownership.OWNER) {
            LOG.infof("job %s is another record's: %s is let go", job.id(), heritage.place());
            return Uni.createFrom().completionStage(message.ack()).replaceWith((HeldJob) null);
        }
        int attempt = ledger.openAttempt(job.id(), worker.id(), record.deliveryCount());
        JobHold hold = active.hold(job.id(), attempt, message, job.request().deadline());
        ledger.cancellation(job.id()).ifPresent(command -> active.cancel(job.id(), command));
        Trail trail = new Trail(publisher, HeaderSequence.open(job.id(), attempt, clock), ticket.summary());
        hold.speaksBy(trail::sayAgain);
        return Uni.createFrom().item(new HeldJob(job, hold, trail));
    }

    private Uni<HeldJob> bury(Message<byte[]> message, IntakeRecord record, IllegalArgumentException unreadable) {
        DeadLetter letter = new DeadLetter(
                IncomingRequest.jobOf(record),
                "unreadable",
                Fault.oneLine(unreadable),
                List.of(),
                JobHold.original(record, message.getPayload()),
                worker.id(),
                clock.instant());
        return publisher
                .deadLetter(letter)
                .chain(() -> Uni.createFrom().completionStage(message.ack()))
                .replaceWith((HeldJob) null);
    }
}
