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
import io.zoetrope.plan.StageMemory;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.eclipse.microprofile.reactive.messaging.Message;

/// What all stages have in common: one job computes and one waits, memory is reserved before anything is
/// allocated and given back after everything is freed, facts are said, failures settled.
@ApplicationScoped
class StageRunner {

    /// The work of a stage, on its thread from the first tensor to the last.
    @FunctionalInterface
    interface Work {

        /// @return what it stored
        List<ArtifactReference> run(Job job, Trail trail);
    }

    private final Capacity capacity;
    private final Publisher publisher;
    private final StageFailures failures;
    private final JobMetrics metrics;
    private final WorkerIdentity worker;
    private final Device device;
    private final Clock clock;

    StageRunner(
            Capacity capacity,
            Publisher publisher,
            StageFailures failures,
            JobMetrics metrics,
            WorkerIdentity worker,
            Device device,
            Clock clock) {
        this.capacity = capacity;
        this.publisher = publisher;
        this.failures = failures;
        this.metrics = metrics;
        this.worker = worker;
        this.device = device;
        this.clock = clock;
    }

    /// @param handover where items are handed over: gives the queue of one before the stage
    Multi<Message<Job>> run(
            Multi<Message<Job>> jobs,
            Stage stage,
            StageThread thread,
            Executor handover,
            Function<StageMemory, StageMemory.Use> memory,
            Work work) {
        return jobs.emitOn(handover, 1)
                .onItem()
                .transformToUniAndConcatenate(message -> run(message, stage, thread, memory, work));
    }

    private Uni<Message<Job>> run(
            Message<Job> message,
            Stage stage,
            StageThread thread,
            Function<StageMemory, StageMemory.Use> memory,
            Work work) {
        Job job = message.getPayload();
        Trail trail = new Trail(publisher, job.headers(clock));
        // Weights are resident; what a stage adds are its activations.
        long bytes = memory.apply(job.plan().memory()).activations();
        MemoryDemand demand = new MemoryDemand("%s of job %s".formatted(stage.label(), job.id()), bytes);
        return Uni.createFrom()
                .completionStage(() -> capacity.reserve(demand))
                .chain(reservation -> thread.run(job, () -> compute(job, trail, stage, work, reservation)))
                .call(trail::settled)
                .map(message::withPayload)
                .onFailure()
                .recoverWithUni(failure -> failures.failed(message, trail, stage, failure));
    }

    private Job compute(Job job, Trail trail, Stage stage, Work work, Reservation reservation) {
        try (reservation) {
            Instant began = clock.instant();
            trail.say(header -> new GenerationEvent.StageStarted(header, stage, worker.id(), device.toString()));
            long start = System.nanoTime();
            List<ArtifactReference> stored = work.run(job, trail);
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            metrics.stage(stage, duration);
            trail.say(header -> new GenerationEvent.StageCompleted(header, stage, worker.id(), duration, stored));
            return job.after(stage, began, duration, stored, trail.headers());
        }
    }
}
