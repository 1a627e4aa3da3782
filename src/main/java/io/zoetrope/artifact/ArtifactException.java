package io.zoetrope.artifact;

/// The store did not do what was asked. Names the key and the address; never a credential.
public final class ArtifactException extends RuntimeException {

    /// Whether another try, later or elsewhere, may succeed.
    public enum Kind {
        UNREACHABLE,
        DENIED,
        FULL,
        FAULT
    }

    private final Kind kind;

    public ArtifactException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
