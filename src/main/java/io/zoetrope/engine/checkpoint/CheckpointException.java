package io.zoetrope.engine.checkpoint;

import java.util.List;

/// A checkpoint that cannot be used: missing, damaged, or not what its configuration says. Names the file and
/// lists every problem that was found.
public final class CheckpointException extends RuntimeException {

    private final List<String> problems;

    public CheckpointException(String subject, List<String> problems) {
        super(subject + ": " + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    public CheckpointException(String subject, String problem) {
        this(subject, List.of(problem));
    }

    public CheckpointException(String subject, String problem, Throwable cause) {
        this(subject, List.of(problem));
        initCause(cause);
    }

    public List<String> problems() {
        return problems;
    }
}
