package io.zoetrope.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The most anonymous memory that this process has at one time. The system keeps no such figure, so it is
/// asked ten times a second; what comes and goes between is missed.
final class AnonymousPeak implements AutoCloseable {

    private static final long MILLISECONDS = 100;

    private final AtomicLong most = new AtomicLong();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("anonymous-peak").daemon().factory());
    private final ScheduledFuture<?> asking =
            clock.scheduleAtFixedRate(this::ask, 0, MILLISECONDS, TimeUnit.MILLISECONDS);

    /// Bytes, until now.
    ///
    /// @throws IllegalStateException if the system could not be asked
    long bytes() {
        if (asking.state() == ScheduledFuture.State.FAILED) {
            throw new IllegalStateException("memory is not known", asking.exceptionNow());
        }
        ask();
        return most.get();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private void ask() {
        try {
            most.accumulateAndGet(ProcessStatus.anonymousBytes(), Math::max);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
