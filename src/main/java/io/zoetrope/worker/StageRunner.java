package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.capacity.Capacity;
import io.zoetrope.capacity.MemoryDemand;
import io.zoetrope.capacity.Reservation;
import io.zoetrope.engine.tensor.Device;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// What all stages have in common: one job computes and one waits, memory is reserved before anything is
/// allocated and given back after everything is freed, facts are said, failures settled.
@ApplicationScoped
class StageRunner {

    private final Capacity capacity;
    private final MemoryExperience experience;
    private final StageFailures failures;
    private final JobMetrics metrics;
    private final WorkerIdentity worker;
    private final Device device;
    private final Clock clock;
    private final Executor handover;

    StageRunner(
            Capacity capacity,
            MemoryExperience experience,
            StageFailures failures,
            JobMetrics metrics,
            WorkerIdentity worker,
            Device device,
            Clock clock,
            Handover handover) {
        this.capacity = capacity;
        this.experience = experience;
        this.failures = failures;
        this.metrics = metrics;
        this.worker = worker;
        this.device = device;
        this.clock = clock;
        this.handover = handover;
    }

    /// The jobs that came through the stage.
    Multi<HeldJob> run(Multi<HeldJob> jobs, StageWork work, StageThread thread) {
        return jobs.emitOn(handover, 1) // the queue of one before the stage
                .onItem()
                .transformToUniAndConcatenate(held ->
                        run(held, work, thread).onFailure().recoverWithUni(failure -> failures.failed(held, failure)));
    }

    private Uni<HeldJob> run(HeldJob held, StageWork work, StageThread thread) {
        // Whoever has the job for the first time looks for nothing, which takes no thread.
        Uni<Optional<List<ArtifactReference>>> found = held.hold().isRepeated()
                ? thread.run(held.job(), () -> left(held, work))
                : Uni.createFrom().item(() -> left(held, work));
        return found.chain(left -> left.isPresent()
                ? Uni.createFrom().item(held.with(held.job().with(left.get())))
                : reserve(held).chain(reservation -> thread.run(held.job(), () -> compute(held, work, reservation))));
    }

    /// Goes on with the next stage if there is nothing left to do in this one.
    private Optional<List<ArtifactReference>> left(HeldJob held, StageWork work) {
        Stage stage = work.stage();
        held.hold().check();
        // Weights are resident; what a stage adds are its activations.
        long predicted = work.memory(held.job().plan().memory()).activations();
        held.hold().enter(stage, experience.demand(held.hold(), stage, predicted));
        if (!held.hold().isRepeated()) {
            return Optional.empty();
        }
        Optional<List<ArtifactReference>> left = work.left(held);
        if (left.isPresent()) {
            Stage next = Stage.values()[stage.ordinal() + 1];
            held.say(header -> new GenerationEvent.Resumed(header, worker.id(), next, 0));
        }
        return left;
    }

    /// A job that is to stop does not wait for memory any longer.
    private Uni<Reservation> reserve(HeldJob held) {
        JobHold hold = held.hold();
        String purpose = "%s of job %s".formatted(hold.stage().label(), hold.job());
        return Uni.createFrom().completionStage(() -> {
            CompletableFuture<Reservation> pending = capacity.reserve(new MemoryDemand(purpose, hold.reserved()));
            var _ = hold.whenStopped()
                    .thenAccept(reason -> pending.completeExceptionally(new Stop.StoppedException(reason)));
            return pending;
        });
    }

    private HeldJob compute(HeldJob held, StageWork work, Reservation reservation) {
        Stage stage = work.stage();
        try (reservation) {
            held.hold().check();
            Instant began = clock.instant();
            device.enter();
            held.say(header -> new GenerationEvent.StageStarted(header, stage, worker.id(), device.description()));
            long start = System.nanoTime();
            List<ArtifactReference> stored = work.run(held);
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            metrics.stage(stage, duration);
            held.say(header -> new GenerationEvent.StageCompleted(header, stage, worker.id(), duration, stored));
            return held.with(held.job().after(stage, began, duration, stored));
        }
    }
}
