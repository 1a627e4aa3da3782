package io.zoetrope.worker.intake;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How many records downstream has asked for and not been given. Slots take from it before they poll, so that
/// nothing leaves the broker that nobody has room for.
final class Demand {

    private static final long UNBOUNDED = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long outstanding;

    /// @param count more than 0; [Long#MAX_VALUE] for as many as there are
    void add(long count) {
        lock.lock();
        try {
            outstanding = count >= UNBOUNDED - outstanding ? UNBOUNDED : outstanding + count;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Takes the right to one record, if there is one within that time.
    boolean take(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (outstanding == 0) {
                if (left <= 0) {
                    return false;
                }
                left = more.awaitNanos(left);
            }
            if (outstanding != UNBOUNDED) {
                outstanding--;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
