package io.zoetrope.chaos;

import io.zoetrope.chaos.ChildProcess.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The workers. One that is gone is started again at once, under another name: a name stands for one process.
final class Fleet implements AutoCloseable {

    /// @param stages      what each worker does; as many workers as entries
    /// @param settings    keys of configuration of all workers
    /// @param environment of all workers
    /// @param logs        folder
    record Config(List<String> stages, Map<String, String> settings, Map<String, String> environment, Path logs) {}

    private static final Duration PAUSE_AFTER_FAULT = Duration.ofSeconds(1);

    /// The place of one process after the other.
    private static final class Slot {
        final int number;
        int incarnation;
        WorkerProcess process;
        boolean ready;
        boolean claimed;
        boolean expectedToEnd;

        Slot(int number) {
            this.number = number;
        }
    }

    private final Config config;
    private final Consumer<String> whenGone;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Duration> starts = new ArrayList<>();
    private final AtomicInteger endedByThemselves = new AtomicInteger();
    private final List<Thread> keepers = new ArrayList<>();
    private volatile boolean closed;

    private Fleet(Config config, Consumer<String> whenGone) {
        this.config = config;
        this.whenGone = whenGone;
    }

    /// @param whenGone is told the name of each process that has ended
    static Fleet start(Config config, Consumer<String> whenGone) {
        Fleet fleet = new Fleet(config, whenGone);
        for (int number = 0; number < config.stages().size(); number++) {
            Slot slot = new Slot(number + 1);
            fleet.slots.add(slot);
            fleet.keepers.add(
                    Thread.ofPlatform().name("keeper-" + slot.number).daemon().start(() -> fleet.keep(slot)));
        }
        return fleet;
    }

    /// Takes a worker for a fault, so that no other fault meets it before [#release].
    synchronized Optional<WorkerProcess> claim(Predicate<String> wanted) {
        Optional<Slot> found = slots.stream()
                .filter(Fleet::isClaimable)
                .filter(slot -> wanted.test(slot.process.id()))
                .findFirst();
        found.ifPresent(slot -> slot.claimed = true);
        return found.map(slot -> slot.process);
    }

    synchronized boolean canClaim(String worker) {
        return slots.stream()
                .anyMatch(slot -> isClaimable(slot) && slot.process.id().equals(worker));
    }

    synchronized void release(WorkerProcess worker) {
        slots.stream().filter(slot -> slot.process == worker).forEach(slot -> slot.claimed = false);
    }

    /// From now on the end of this process is no surprise.
    synchronized void expectEnd(WorkerProcess worker) {
        slots.stream().filter(slot -> slot.process == worker).forEach(slot -> slot.expectedToEnd = true);
    }

    synchronized boolean allReady() {
        return slots.stream().allMatch(slot -> slot.ready);
    }

    /// How long each start took until the worker was ready.
    synchronized List<Duration> starts() {
        return List.copyOf(starts);
    }

    int endedByThemselves() {
        return endedByThemselves.get();
    }

    /// Tells all to leave, and waits for it.
    ///
    /// @return how many did not leave within the time that operators give them
    int leave(Duration patience) {
        closed = true;
        keepers.forEach(Thread::interrupt);
        List<WorkerProcess> all = processes();
        all.forEach(worker -> {
            worker.send(Signal.CONTINUE);
            worker.send(Signal.TERM);
        });
        long deadline = System.nanoTime() + patience.toNanos();
        int late = 0;
        for (WorkerProcess worker : all) {
            if (!worker.await(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                late++;
            }
            worker.close();
        }
        return late;
    }

    @Override
    public void close() {
        closed = true;
        keepers.forEach(Thread::interrupt);
        processes().forEach(WorkerProcess::close);
    }

    private synchronized List<WorkerProcess> processes() {
        return slots.stream().flatMap(slot -> Stream.ofNullable(slot.process)).toList();
    }

    private static boolean isClaimable(Slot slot) {
        return slot.ready && !slot.claimed && slot.process.isAlive();
    }

    private void keep(Slot slot) {
        try {
            while (!closed) {
                WorkerProcess worker = start(slot);
                long began = System.nanoTime();
                while (worker.isAlive() && !worker.isReady()) {
                    Thread.sleep(100);
                }
                synchronized (this) {
                    slot.ready = worker.isAlive();
                    starts.add(Duration.ofNanos(System.nanoTime() - began));
                }
                while (!worker.await(Duration.ofMinutes(1)) && !closed) {
                    // it lives
                }
                boolean surprise;
                synchronized (this) {
                    slot.ready = false;
                    surprise = !slot.expectedToEnd;
                }
                if (!closed && !worker.isAlive()) {
                    whenGone.accept(worker.id());
                    if (surprise) {
                        endedByThemselves.incrementAndGet();
                        System.err.printf("worker %s ended by itself with code %d%n", worker.id(), worker.exitCode());
                        Thread.sleep(PAUSE_AFTER_FAULT);
                    }
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the run is over
        }
    }

    private synchronized WorkerProcess start(Slot slot) {
        slot.incarnation++;
        slot.claimed = false;
        slot.expectedToEnd = false;
        String id = "w%d-%d".formatted(slot.number, slot.incarnation);
        String stages = config.stages().get(slot.number - 1);
        Map<String, String> settings = new HashMap<>(config.settings());
        settings.put("zoetrope.worker.stages", stages);
        slot.process = WorkerProcess.start(
                id, settings, config.environment(), config.logs().resolve("worker-%d.log".formatted(slot.number)));
        return slot.process;
    }
}
