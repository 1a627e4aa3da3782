package io.zoetrope.artifact;

/// The store did not do what it was asked. The message names what was tried, the key and the store's address,
/// and holds no credentials.
public final class ArtifactException extends RuntimeException {

    /// What went wrong, as far as a caller must tell the cases apart.
    public enum Kind {
        /// There is nothing under that key.
        NOT_FOUND(false),
        /// What is there is not what was written.
        DAMAGED(false),
        /// Credentials or permissions do not suffice.
        DENIED(false),
        /// The store cannot work as configured: no such bucket, a file where the folder should be, no credentials.
        MISCONFIGURED(false),
        /// There is no room left.
        FULL(true),
        /// The store does not answer, not in time, or says that it cannot now.
        UNREACHABLE(true),
        /// Anything else.
        FAULT(true);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }
    }

    private final Kind kind;

    ArtifactException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /// Whether the same may succeed later or elsewhere without anyone changing a setting.
    public boolean retryable() {
        return kind.retryable;
    }
}
