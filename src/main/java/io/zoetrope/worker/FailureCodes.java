package io.zoetrope.worker;

import java.util.List;

/// The codes with which a job can fail. A closed list: programs decide by them, and `docs/errors.md` explains them.
final class FailureCodes {

    /// Its deadline had passed.
    static final String DEADLINE_EXCEEDED = "deadline-exceeded";
    /// A given picture, clip or sound cannot be used for what it was given for.
    static final String BAD_CONDITION = "bad-condition";
    /// A source may not be read, or is not what it should be.
    static final String SOURCE_REFUSED = "source-refused";
    /// A source could not be had.
    static final String SOURCE_UNAVAILABLE = "source-unavailable";
    /// It ran out of memory too often.
    static final String OUT_OF_MEMORY = "out-of-memory";
    /// It failed too often.
    static final String STAGE_FAILED = "stage-failed";

    static final List<String> ALL =
            List.of(DEADLINE_EXCEEDED, BAD_CONDITION, SOURCE_REFUSED, SOURCE_UNAVAILABLE, OUT_OF_MEMORY, STAGE_FAILED);

    private FailureCodes() {}
}
