package io.zoetrope.worker;

import io.smallrye.mutiny.Uni;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.Stage;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.intake.IntakeRecord;
import io.zoetrope.worker.intake.ReleaseRecord;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.microprofile.reactive.messaging.Message;

/// A worker's hold on a job, from taking its record until the record is settled. Whoever computes asks it often
/// whether to go on; whoever wants the job to stop tells it.
final class JobHold {

    private final JobId job;
    private final int attempt;
    private final Message<byte[]> message;
    private final IntakeRecord record;
    private final Optional<Instant> deadline;
    private final Clock clock;
    private final Runnable whenSettled;
    private final CompletableFuture<Stop> stop = new CompletableFuture<>();
    private volatile Stage stage; // null before the first
    private volatile int step;
    private volatile long reserved;
    private volatile Runnable voice = () -> {};

    /// @param whenSettled runs once, when the broker has been told
    JobHold(
            JobId job,
            int attempt,
            Message<byte[]> message,
            Optional<Instant> deadline,
            Clock clock,
            Runnable whenSettled) {
        this.job = job;
        this.attempt = attempt;
        this.message = message;
        this.record = IntakeRecord.of(message);
        this.deadline = deadline;
        this.clock = clock;
        this.whenSettled = whenSettled;
        record.onLoss(() -> stop(new Stop.LockLost()));
    }

    JobId job() {
        return job;
    }

    /// 1 for the first worker that took the job.
    int attempt() {
        return attempt;
    }

    /// Whether the job was tried before, or has come from another worker: then something of it may lie in the store.
    boolean isRepeated() {
        return attempt > 1;
    }

    IntakeRecord record() {
        return record;
    }

    /// The stage the job is in; null before the first.
    Stage stage() {
        return stage;
    }

    /// Steps of denoising that are done.
    int step() {
        return step;
    }

    /// Bytes that the stage has reserved.
    long reserved() {
        return reserved;
    }

    void enter(Stage entered, long bytes) {
        stage = entered;
        reserved = bytes;
    }

    void stepped(int done) {
        step = done;
    }

    /// Says again where the job stands, so that nobody takes a long silence for the end of its worker.
    void sayAgain() {
        voice.run();
    }

    void speaksBy(Runnable saysAgain) {
        voice = saysAgain;
    }

    /// Asks the job to stop; the first reason counts.
    void stop(Stop reason) {
        stop.complete(reason);
    }

    /// @throws Stop.StoppedException if the job is to stop
    void check() {
        Stop reason = stopped();
        if (reason != null) {
            throw new Stop.StoppedException(reason);
        }
    }

    /// Whether the job may go on; cheap enough for every step.
    boolean goesOn() {
        return stopped() == null;
    }

    /// Whether the job is to stop here in order to go on elsewhere.
    boolean movesOn() {
        return stop.getNow(null) instanceof Stop.Draining;
    }

    /// Completed when the job is to stop. Time that passes shows only in [#check].
    CompletableFuture<Stop> whenStopped() {
        return stop.copy();
    }

    /// Tells the broker that the job is done.
    Uni<Void> accept() {
        return Uni.createFrom().completionStage(message::ack).onTermination().invoke(whenSettled);
    }

    /// Gives the job back to the broker.
    Uni<Void> release(String reason) {
        return Uni.createFrom()
                .completionStage(() -> message.nack(new ReleaseRecord(reason)))
                .onTermination()
                .invoke(whenSettled);
    }

    /// The record as it was, for whoever looks at what was given up.
    DeadLetter.Original original() {
        return original(record, message.getPayload());
    }

    static DeadLetter.Original original(IntakeRecord record, byte[] value) {
        Map<String, byte[]> headers = new HashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), header.value() == null ? new byte[0] : header.value()));
        return new DeadLetter.Original(
                record.topic(),
                record.partition(),
                record.offset(),
                record.key() == null ? null : record.key().getBytes(StandardCharsets.UTF_8),
                value,
                headers);
    }

    private Stop stopped() {
        if (!stop.isDone()) {
            if (!record.isStillOurs()) {
                stop(new Stop.LockLost());
            }
            deadline.filter(end -> clock.instant().isAfter(end)).ifPresent(end -> stop(new Stop.DeadlinePassed(end)));
        }
        return stop.getNow(null);
    }
}
