package io.zoetrope.worker;

import io.zoetrope.worker.ledger.JobLedger.Cancellation;
import java.time.Instant;

/// Why a job is to stop before it is done.
sealed interface Stop {

    /// Someone wants it to.
    ///
    /// @param heard when this worker heard of it
    record Cancelled(Cancellation command, Instant heard) implements Stop {}

    /// Its time is over.
    record DeadlinePassed(Instant deadline) implements Stop {}

    /// The worker leaves; another goes on.
    record Draining() implements Stop {}

    /// The broker may have given the record to another worker.
    record LockLost() implements Stop {}

    /// Thrown by whatever computes, when it finds that its job is to stop.
    final class StoppedException extends RuntimeException {

        private final transient Stop reason;

        StoppedException(Stop reason) {
            super(reason.toString());
            this.reason = reason;
        }

        Stop reason() {
            return reason;
        }
    }
}
