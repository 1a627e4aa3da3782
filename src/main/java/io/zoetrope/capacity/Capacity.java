package io.zoetrope.capacity;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// The memory of one device, shared fairly: who came first is served first, also when a later and smaller
/// demand would fit already. Otherwise a large job would starve.
///
/// Nobody blocks: a reservation is a future, completed by the thread that makes room for it. Cancelling the
/// future leaves the queue. `Uni.createFrom().completionStage(() -> capacity.reserve(demand))` does so when it
/// is cancelled; a subscriber that may be cancelled at any time calls [#withdraw] then, which also covers the
/// instant between.
public final class Capacity {

    private final long totalBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiting> queue = new ArrayDeque<>(); // guarded by lock
    private long reservedBytes; // guarded by lock
    private final AtomicInteger serving = new AtomicInteger();

    private record Waiting(MemoryDemand demand, CompletableFuture<Reservation> answer) {}

    /// @param totalBytes what may be reserved at the same time, more than 0
    public Capacity(long totalBytes) {
        if (totalBytes <= 0) {
            throw new IllegalArgumentException("capacity of %d bytes".formatted(totalBytes));
        }
        this.totalBytes = totalBytes;
    }

    public long totalBytes() {
        return totalBytes;
    }

    public long reservedBytes() {
        lock.lock();
        try {
            return reservedBytes;
        } finally {
            lock.unlock();
        }
    }

    /// Demands that wait for room.
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /// Sets memory aside as soon as all earlier demands have theirs and there is room.
    ///
    /// @return completed by a reservation that its owner closes, or by a [DemandTooLargeException] if `demand` is
    ///         larger than the total
    public CompletableFuture<Reservation> reserve(MemoryDemand demand) {
        if (demand.bytes() > totalBytes) {
            return CompletableFuture.failedFuture(new DemandTooLargeException(demand, totalBytes));
        }
        Waiting entry = new Waiting(demand, new CompletableFuture<>());
        lock.lock();
        try {
            queue.add(entry);
        } finally {
            lock.unlock();
        }
        var _ = entry.answer().whenComplete((_, failure) -> {
            if (failure != null) {
                leave(entry);
            }
        });
        serve();
        return entry.answer();
    }

    /// Ends a reservation in whatever state it is: leaves the queue, or gives the memory back.
    public static void withdraw(CompletableFuture<Reservation> pending) {
        if (!pending.cancel(false) && pending.state() == CompletableFuture.State.SUCCESS) {
            pending.resultNow().close();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            reservedBytes -= bytes;
        } finally {
            lock.unlock();
        }
        serve();
    }

    private void leave(Waiting entry) {
        lock.lock();
        try {
            queue.removeIf(other -> other == entry);
        } finally {
            lock.unlock();
        }
        serve(); // those behind it may fit now
    }

    /// Serves the queue's head as long as it fits. Completing a future may run its owner's code, which may close or
    /// reserve again: the calls that come in meanwhile are counted and served by the loop, not by recursion.
    private void serve() {
        if (serving.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        while (seen > 0) {
            for (Waiting next = takeNext(); next != null; next = takeNext()) {
                Reservation reservation = new Reservation(this, next.demand());
                if (!next.answer().complete(reservation)) {
                    reservation.close(); // cancelled in the meantime
                }
            }
            seen = serving.addAndGet(-seen);
        }
    }

    /// The head of the queue with its memory set aside; null if there is none or it does not fit.
    private Waiting takeNext() {
        lock.lock();
        try {
            Waiting head = queue.peek();
            if (head == null || head.demand().bytes() > totalBytes - reservedBytes) {
                return null;
            }
            reservedBytes += head.demand().bytes();
            return queue.remove();
        } finally {
            lock.unlock();
        }
    }
}
