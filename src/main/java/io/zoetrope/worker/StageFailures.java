package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.FailureCode;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.ReleaseReason;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.ledger.JobLedger;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/// What becomes of a job that did not get through a stage. Who is to blame decides: the request's faults end the
/// job, those of the surroundings cost it a pause, its own are counted until there are too many.
@ApplicationScoped
class StageFailures {

    private static final Logger LOG = Logger.getLogger(StageFailures.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Ending ending;
    private final JobLedger ledger;
    private final MemoryExperience experience;
    private final Publisher publisher;
    private final WorkerIdentity worker;
    private final Clock clock;
    private final int limit;

    StageFailures(
            Ending ending,
            JobLedger ledger,
            MemoryExperience experience,
            Publisher publisher,
            WorkerIdentity worker,
            Clock clock,
            WorkerConfig config) {
        this.ending = ending;
        this.ledger = ledger;
        this.experience = experience;
        this.publisher = publisher;
        this.worker = worker;
        this.clock = clock;
        this.limit = config.retry().failures();
    }

    /// Settles the record of a job that failed or was stopped, in the background: the stage has other jobs to do.
    ///
    /// @return nothing, as an item for the stage's stream
    Uni<HeldJob> failed(HeldJob held, Throwable failure) {
        settled(held, failure)
                .subscribe()
                .with(
                        _ -> {},
                        last -> LOG.errorf(
                                last,
                                "job %s could not be given back",
                                held.job().id()));
        return Uni.createFrom().nullItem();
    }

    private Uni<Void> settled(HeldJob held, Throwable failure) {
        Fault fault = Fault.of(failure);
        switch (fault) {
            case Fault.Stopped _, Fault.OfRequest _ ->
                LOG.infof("job %s stops: %s", held.job().id(), fault.detail());
            case Fault.OfSurroundings _ ->
                LOG.warnf("job %s stops: %s", held.job().id(), fault.detail());
            case Fault.OfJob _ ->
                LOG.errorf(
                        failure,
                        "job %s failed in %s",
                        held.job().id(),
                        held.hold().stage());
        }
        return settled(held, fault).onFailure().recoverWithUni(second -> {
            LOG.errorf("the end of job %s could not be told: %s", held.job().id(), Fault.oneLine(second));
            return held.hold().release(Fault.oneLine(second));
        });
    }

    private Uni<Void> settled(HeldJob held, Fault fault) {
        return switch (fault) {
            case Fault.Stopped(Stop.Cancelled cancelled) ->
                end(
                        held,
                        header -> new GenerationEvent.Cancelled(
                                header,
                                held.hold().stage(),
                                held.hold().step(),
                                cancelled.command().at(),
                                Duration.between(cancelled.command().at(), header.at())));
            case Fault.Stopped(Stop.DeadlinePassed(var deadline)) ->
                end(
                        held,
                        header -> new GenerationEvent.Failed(
                                header,
                                worker.id(),
                                FailureCode.DEADLINE_EXCEEDED,
                                "the deadline was %s".formatted(deadline)));
            case Fault.Stopped(Stop.Draining _) ->
                release(held, ReleaseReason.DRAINED, "the worker leaves", Duration.ZERO);
            case Fault.Stopped(Stop.LockLost _) ->
                release(held, ReleaseReason.LOCK_LOST, "the broker may have given it to another worker", Duration.ZERO);
            case Fault.OfRequest(var code, var detail) ->
                end(held, header -> new GenerationEvent.Failed(header, worker.id(), code, detail));
            case Fault.OfSurroundings(var reason, var detail) ->
                release(held, reason, detail, pause(held.hold().record().deliveryCount()));
            case Fault.OfJob(var reason, var detail) ->
                Uni.createFrom()
                        .item(() -> ledger.addFailure(held.job().id(), failure(held, reason, detail)))
                        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                        .chain(count -> count < limit
                                ? release(held, reason, detail, pause(count))
                                : giveUp(held, reason, detail, count));
        };
    }

    private Uni<Void> end(HeldJob held, Trail.Fact fact) {
        return ending.end(held, fact).chain(() -> held.hold().accept());
    }

    /// The dead letter is safe before the record is let go.
    private Uni<Void> giveUp(HeldJob held, ReleaseReason reason, String detail, int count) {
        FailureCode code = reason == ReleaseReason.OUT_OF_MEMORY ? FailureCode.OUT_OF_MEMORY : FailureCode.STAGE_FAILED;
        String story =
                "%s failed %d times, at last: %s".formatted(held.hold().stage().label(), count, detail);
        DeadLetter letter = new DeadLetter(
                held.job().id(), "poison", story, List.of(), held.hold().original(), worker.id(), clock.instant());
        return publisher
                .deadLetter(letter)
                .chain(() -> end(held, header -> new GenerationEvent.Failed(header, worker.id(), code, story)));
    }

    /// The pause is the record's, which stays with this worker: given back at once it would come back at once.
    private Uni<Void> release(HeldJob held, ReleaseReason reason, String detail, Duration pause) {
        held.say(header -> new GenerationEvent.Released(header, worker.id(), reason, detail));
        Uni<Void> waited = pause.isZero()
                ? Uni.createFrom().voidItem()
                : Uni.combine()
                        .any()
                        .of(
                                Uni.createFrom().voidItem().onItem().delayIt().by(pause),
                                Uni.createFrom()
                                        .completionStage(() -> held.hold().whenStopped())
                                        .replaceWithVoid());
        return held.trail()
                .settled()
                .chain(() -> putRight(held))
                .chain(() -> waited)
                .chain(() -> held.hold().release(detail));
    }

    /// Another worker may have ended the job in the meantime. If it cannot be known, nothing is lost but order.
    private Uni<Void> putRight(HeldJob held) {
        JobId job = held.job().id();
        return ending.putRightIfEnded(job, held.trail().summary())
                .onFailure()
                .invoke(failure -> LOG.warnf("whether job %s has ended is not known: %s", job, Fault.oneLine(failure)))
                .onFailure()
                .recoverWithNull();
    }

    private JobLedger.Failure failure(HeldJob held, ReleaseReason reason, String detail) {
        JobHold hold = held.hold();
        boolean memory = reason == ReleaseReason.OUT_OF_MEMORY;
        if (memory && hold.stage() != null) {
            experience.ranOut(hold.stage());
        }
        return new JobLedger.Failure(
                hold.attempt(),
                worker.id(),
                hold.stage(),
                reason,
                detail,
                memory ? hold.reserved() : 0,
                clock.instant());
    }

    private static Duration pause(int times) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.clamp(times - 1, 0, 10));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
}
