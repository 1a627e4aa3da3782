package io.zoetrope.audit;

import java.util.Arrays;
import java.util.Optional;

/// Why a job ended without a clip: the stable names in [GenerationEvent.Failed]. A name never changes its meaning; new
/// ones may come, so readers take those that they do not know as a failure like any other.
public enum FailureCode {
    /// A picture, clip or sound that the request names is not what its place needs.
    BAD_CONDITION("bad-condition", false),
    /// A source that the request names may not be used, or is not there.
    SOURCE_REFUSED("source-refused", false),
    /// A source that the request names did not answer.
    SOURCE_UNAVAILABLE("source-unavailable", true),
    /// The request's deadline had passed.
    DEADLINE_EXCEEDED("deadline-exceeded", false),
    /// A stage failed as often as a job may fail.
    STAGE_FAILED("stage-failed", true),
    /// Memory ran out as often as a job may fail, although the estimate was raised each time.
    OUT_OF_MEMORY("out-of-memory", true),
    /// The job fell silent again and again although it was published again each time.
    GIVEN_UP("given-up", true);

    private final String code;
    private final boolean retryable;

    FailureCode(String code, boolean retryable) {
        this.code = code;
        this.retryable = retryable;
    }

    /// The name in facts and results.
    public String code() {
        return code;
    }

    /// Whether the same request, published under another id, may succeed.
    public boolean retryable() {
        return retryable;
    }

    public static Optional<FailureCode> of(String code) {
        return Arrays.stream(values()).filter(known -> known.code.equals(code)).findFirst();
    }
}
