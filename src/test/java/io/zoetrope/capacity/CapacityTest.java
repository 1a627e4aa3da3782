package io.zoetrope.capacity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CapacityTest {

    private final Capacity capacity = new Capacity(1000);

    @Test
    void givesRoomAtOnceWhileThereIsSome() {
        Reservation first = granted(reserve(600));
        CompletableFuture<Reservation> second = reserve(500);
        assertFalse(second.isDone());
        assertEquals(600, capacity.reservedBytes());
        first.close();
        assertEquals(500, granted(second).demand().bytes());
        assertEquals(500, capacity.reservedBytes());
    }

    @Test
    void closingTwiceGivesBackOnce() {
        Reservation first = granted(reserve(400));
        granted(reserve(500));
        first.close();
        first.close();
        assertEquals(500, capacity.reservedBytes());
    }

    @Test
    void smallOnesDoNotOvertakeALargeOne() {
        Reservation small = granted(reserve(300));
        CompletableFuture<Reservation> large = reserve(800);
        CompletableFuture<Reservation> late = reserve(100);
        assertFalse(late.isDone(), "fits, but came later");
        small.close();
        granted(large);
        assertEquals(100, granted(late).demand().bytes());
    }

    @Test
    void cancelledDemandsLeaveTheQueueAndLetOthersPass() {
        granted(reserve(300));
        CompletableFuture<Reservation> large = reserve(800);
        CompletableFuture<Reservation> behind = reserve(200);
        assertEquals(2, capacity.waiting());
        assertTrue(large.cancel(false));
        granted(behind);
        assertEquals(0, capacity.waiting());
        assertEquals(500, capacity.reservedBytes());
    }

    @Test
    void withdrawnDemandsLeaveTheQueueOrGiveBack() {
        CompletableFuture<Reservation> held = reserve(900);
        CompletableFuture<Reservation> waiting = reserve(200);
        Capacity.withdraw(waiting);
        assertEquals(0, capacity.waiting());
        Capacity.withdraw(held);
        assertEquals(0, capacity.reservedBytes());
        Capacity.withdraw(reserve(5000));
        assertEquals(0, capacity.reservedBytes());
    }

    @Test
    void aCancelledUniLeavesTheQueue() {
        granted(reserve(900));
        Cancellable subscription = Uni.createFrom()
                .completionStage(() -> reserve(200))
                .subscribe()
                .with(reservation -> {
                    throw new AssertionError("granted " + reservation.demand());
                });
        assertEquals(1, capacity.waiting());
        subscription.cancel();
        assertEquals(0, capacity.waiting());
    }

    @Test
    void whatNeverFitsIsAnErrorWithBothFigures() {
        CompletableFuture<Reservation> vast = reserve(1001);
        ExecutionException failure = assertThrows(ExecutionException.class, vast::get);
        DemandTooLargeException cause = assertInstanceOf(DemandTooLargeException.class, failure.getCause());
        assertTrue(cause.getMessage().contains("1001 of 1000 bytes"), cause::getMessage);
        assertEquals(0, capacity.waiting());
        granted(reserve(1000));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> new Capacity(0));
        assertThrows(IllegalArgumentException.class, () -> new MemoryDemand("less", -1));
    }

    @Test
    void manyThatCloseAtOnceDoNotPileUpOnTheStack() {
        Reservation all = granted(reserve(1000));
        List<CompletableFuture<Void>> chain = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            chain.add(reserve(1000).thenAccept(Reservation::close));
        }
        all.close();
        chain.forEach(CompletableFuture::join);
        assertEquals(0, capacity.reservedBytes());
    }

    @Test
    void neverOverdrawnByManyThreadsOfWhichSomeGiveUp() throws Exception {
        AtomicLong inUse = new AtomicLong();
        AtomicLong most = new AtomicLong();
        AtomicLong served = new AtomicLong();
        CountDownLatch start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < 64; thread++) {
                Random random = new Random(thread);
                runs.add(threads.submit(() -> {
                    start.await();
                    for (int round = 0; round < 200; round++) {
                        long bytes = random.nextLong(1, 1001);
                        CompletableFuture<Reservation> pending = reserve(bytes);
                        if (random.nextInt(4) == 0) {
                            Capacity.withdraw(pending);
                            continue;
                        }
                        try (Reservation _ = pending.get(30, TimeUnit.SECONDS)) {
                            most.accumulateAndGet(inUse.addAndGet(bytes), Math::max);
                            Thread.yield();
                            inUse.addAndGet(-bytes);
                            served.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> run : runs) {
                run.get();
            }
        }
        assertTrue(most.get() <= 1000 && most.get() > 500, "most in use at once: " + most);
        assertTrue(served.get() > 64 * 200 / 2, "served: " + served);
        assertEquals(0, capacity.reservedBytes());
        assertEquals(0, capacity.waiting());
    }

    @Test
    void aLargeOneIsNotStarvedByAStreamOfSmallOnes() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                var _ = threads.submit(() -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        try (Reservation _ = reserve(300).get()) {
                            Thread.sleep(1);
                        }
                    }
                    return null;
                });
            }
            Thread.sleep(20); // the small ones are going
            try (Reservation large = reserve(1000).get(30, TimeUnit.SECONDS)) {
                assertEquals(1000, capacity.reservedBytes());
                assertEquals(1000, large.demand().bytes());
            }
            threads.shutdownNow();
        }
    }

    private CompletableFuture<Reservation> reserve(long bytes) {
        return capacity.reserve(new MemoryDemand("a test", bytes));
    }

    private static Reservation granted(CompletableFuture<Reservation> pending) {
        assertEquals(Future.State.SUCCESS, pending.state());
        return pending.resultNow();
    }
}
