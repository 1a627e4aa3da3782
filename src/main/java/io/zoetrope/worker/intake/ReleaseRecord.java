package io.zoetrope.worker.intake;

/// Thrown while working on a record to have it delivered again, here or elsewhere.
public final class ReleaseRecord extends RuntimeException {

    public ReleaseRecord(String reason) {
        super(reason);
    }

    public ReleaseRecord(String reason, Throwable cause) {
        super(reason, cause);
    }
}
