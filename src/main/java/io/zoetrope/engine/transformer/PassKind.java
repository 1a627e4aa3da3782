package io.zoetrope.engine.transformer;

import java.util.concurrent.atomic.LongAdder;

/// How evaluations of the network were computed in this process, and how many.
public enum PassKind {
    /// Operator by operator.
    EAGER("eager"),
    /// By recording them, which succeeded.
    RECORDED("recorded"),
    /// By a recording.
    REPLAYED("replayed"),
    /// Operator by operator, after recording or replaying had failed.
    FAILED("failed");

    private final String label;
    private final LongAdder passes = new LongAdder();

    PassKind(String label) {
        this.label = label;
    }

    /// The name in metrics.
    public String label() {
        return label;
    }

    public long passes() {
        return passes.sum();
    }

    void count() {
        passes.increment();
    }
}
