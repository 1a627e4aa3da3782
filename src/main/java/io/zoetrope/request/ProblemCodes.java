package io.zoetrope.request;

import java.util.List;

/// The kinds of [Problem], by their stable names: programs decide by them, and `docs/errors.md` explains each. A
/// closed list; a new kind is a change of the contract.
public final class ProblemCodes {

    public static final List<String> ALL = List.of(
            "not-json",
            "not-an-object",
            "too-large",
            "too-many-problems",
            "unreadable-event",
            "invalid-job-id",
            "conflicting-job",
            "duplicate-field",
            "unknown-field",
            "missing",
            "wrong-type",
            "empty",
            "not-text",
            "too-long",
            "too-many",
            "too-many-tokens",
            "repeated",
            "not-whole",
            "not-finite",
            "out-of-range",
            "off-grid",
            "wrong-format",
            "unknown-name",
            "conflict",
            "unsupported",
            "does-not-fit");

    private ProblemCodes() {}
}
