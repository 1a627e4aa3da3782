package io.zoetrope.worker.intake;

/// Thrown while working on a record that nobody will ever be able to work on. The record is gone after this:
/// say first, in a dead letter, what it was.
public final class RejectRecord extends RuntimeException {

    public RejectRecord(String reason) {
        super(reason);
    }

    public RejectRecord(String reason, Throwable cause) {
        super(reason, cause);
    }
}
