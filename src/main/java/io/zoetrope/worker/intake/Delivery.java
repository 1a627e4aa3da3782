package io.zoetrope.worker.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// One record in the hands of the application: the meeting point of the application, which decides, and the
/// slot's thread, which alone may tell the broker.
final class Delivery implements IntakeRecord.Claim {

    private final IntakeRecord record;
    private final byte[] value;
    private final Executor callbacks;
    private final CompletableFuture<Settlement> decision = new CompletableFuture<>();
    private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    private final CompletableFuture<Void> loss = new CompletableFuture<>();
    private volatile long lockedUntil;

    /// @param lockedUntil when the lock ends if nobody renews it, of [System#nanoTime()]
    /// @param callbacks   runs what waits for a loss, never the slot's own thread
    Delivery(ConsumerRecord<String, byte[]> consumed, long lockedUntil, Executor callbacks) {
        this.record = new IntakeRecord(
                consumed.topic(),
                consumed.partition(),
                consumed.offset(),
                consumed.key(),
                consumed.headers(),
                Instant.ofEpochMilli(consumed.timestamp()),
                consumed.deliveryCount().map(Short::intValue).orElse(1),
                this);
        this.value = consumed.value() == null ? new byte[0] : consumed.value();
        this.lockedUntil = lockedUntil;
        this.callbacks = callbacks;
    }

    IntakeRecord record() {
        return record;
    }

    /// The payload; empty for a record without one.
    byte[] value() {
        return value;
    }

    /// Decides what becomes of the record; the first decision counts.
    ///
    /// @return whether the broker confirmed the decision that counted; false if the record was not ours any
    ///         more. Never fails
    CompletableFuture<Boolean> settle(Settlement settlement) {
        decision.complete(settlement);
        return outcome.copy();
    }

    /// By the clock, not by what the slot knows: whoever was asleep for longer than the lock is told the truth
    /// at once.
    @Override
    public boolean isStillOurs() {
        return !loss.isDone() && !outcome.isDone() && System.nanoTime() - lockedUntil < 0;
    }

    @Override
    public void onLoss(Runnable action) {
        var _ = loss.thenRunAsync(action, callbacks);
    }

    /// The decision, or null if none is made in that time.
    Settlement awaitDecision(Duration patience) throws InterruptedException {
        try {
            return decision.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return null;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void renewed(long until) {
        lockedUntil = until;
    }

    void lost() {
        loss.complete(null);
    }

    /// The first answer counts.
    void settled(boolean confirmed) {
        if (outcome.complete(confirmed) && !confirmed) {
            loss.complete(null);
        }
    }

    @Override
    public String toString() {
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }
}
