package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
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

/// Receives jobs whose earlier stages other workers have done.
@ApplicationScoped
class StageReception {

    private final Admission admission;
    private final JobLedger ledger;
    private final Publisher publisher;
    private final Ending ending;
    private final StageFailures failures;
    private final WorkerIdentity worker;
    private final Clock clock;

    StageReception(
            Admission admission,
            JobLedger ledger,
            Publisher publisher,
            Ending ending,
            StageFailures failures,
            WorkerIdentity worker,
            Clock clock) {
        this.admission = admission;
        this.ledger = ledger;
        this.publisher = publisher;
        this.ending = ending;
        this.failures = failures;
        this.worker = worker;
        this.clock = clock;
    }

    /// The jobs that wait for `stage`.
    Multi<HeldJob> receive(Stage stage, Multi<Message<byte[]>> records) {
        return admission.admit(records, (message, record) -> read(stage, message, record));
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
            return admission.announce(
                    message, end.get(), ticket.summary(), job.request().metadata());
        }
        if (ownership != Ownership.OWNER) {
            return admission.letGo(message, job.id(), heritage);
        }
        HeldJob held = admission.hold(job, message, record, ticket.summary());
        return Uni.createFrom()
                .item(held)
                .invoke(admission::obeyCancellation)
                .onFailure()
                .recoverWithUni(failure -> failures.failed(held, failure));
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
        return publisher.deadLetter(letter).chain(() -> Admission.accept(message));
    }
}
