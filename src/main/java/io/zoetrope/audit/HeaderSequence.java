package io.zoetrope.audit;

import io.zoetrope.request.JobId;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// Numbers the facts of one attempt at a job. The worker that takes a job opens one and asks it for every header, so
/// that a gap in the trail is a lost fact and nothing else. Safe for use by several threads.
public final class HeaderSequence {

    private final JobId job;
    private final int attempt;
    private final Clock clock;
    private final AtomicLong next;

    private HeaderSequence(JobId job, int attempt, long first, Clock clock) {
        this.job = job;
        this.attempt = attempt;
        this.clock = clock;
        this.next = new AtomicLong(first);
    }

    /// @param attempt 1 or more; attempt 0 belongs to [Header#ofRequest]
    public static HeaderSequence open(JobId job, int attempt, Clock clock) {
        return continueAt(job, attempt, 0, clock);
    }

    /// Goes on with an attempt that another process began: `first` is the place of the next fact. This is how
    /// stages in separate processes share one attempt.
    public static HeaderSequence continueAt(JobId job, int attempt, long first, Clock clock) {
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt %d at job %s, expected 1 or more".formatted(attempt, job));
        }
        return new HeaderSequence(job, attempt, first, clock);
    }

    public Header next() {
        return new Header(job, attempt, next.getAndIncrement(), clock.instant());
    }

    /// The place that the next fact will get; what a message to the next stage carries along.
    public long position() {
        return next.get();
    }
}
