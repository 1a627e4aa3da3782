package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.audit.CancelCommand;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Header;
import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.ledger.JobLedger;
import io.zoetrope.worker.ledger.JobLedger.Cancellation;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// Hears commands to stop. Every worker hears each of them, and the one that has the job obeys at once; one worker
/// keeps it in the ledger, for a job that comes later or is between two workers.
@ApplicationScoped
class CancelCommands {

    private static final Logger LOG = Logger.getLogger(CancelCommands.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final ActiveJobs active;
    private final JobLedger ledger;
    private final Publisher publisher;

    CancelCommands(ActiveJobs active, JobLedger ledger, Publisher publisher) {
        this.active = active;
        this.ledger = ledger;
        this.publisher = publisher;
    }

    @Incoming(Channels.CONTROL)
    Uni<Void> hear(Message<byte[]> message) {
        IntakeRecord record = IntakeRecord.of(message);
        command(message, record)
                .ifPresent(command -> active.cancel(command.job(), Cancellation.of(command, record.timestamp())));
        return Uni.createFrom().completionStage(message.ack());
    }

    @Incoming(Channels.CONTROL_KEPT)
    Uni<Void> keep(Message<byte[]> message) {
        IntakeRecord record = IntakeRecord.of(message);
        return Uni.createFrom()
                .item(() -> command(message, record))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .chain(command -> command.map(found -> keep(found, record))
                        .orElseGet(() -> Uni.createFrom().voidItem()))
                .onFailure()
                .invoke(failure -> LOG.warnf("a command to stop waits: %s", Fault.oneLine(failure)))
                .onFailure()
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .indefinitely()
                .chain(() -> Uni.createFrom().completionStage(message.ack()));
    }

    private Uni<Void> keep(CancelCommand command, IntakeRecord record) {
        return ledger.cancel(command.job(), Cancellation.of(command, record.timestamp()))
                .map(kept -> publisher.fact(new GenerationEvent.CancelRequested(
                        Header.ofCancelRequest(command.job(), kept.at()), kept.requestedBy(), kept.reason())))
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    private Optional<CancelCommand> command(Message<byte[]> message, IntakeRecord record) {
        try {
            return Optional.of(publisher.readCancel(record, message.getPayload()));
        } catch (RuntimeException unreadable) {
            LOG.warnf("a command on %s is not understood: %s", record.topic(), unreadable.getMessage());
            return Optional.empty();
        }
    }
}
