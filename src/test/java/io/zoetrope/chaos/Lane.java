package io.zoetrope.chaos;

import io.zoetrope.chaos.ChildProcess.Signal;
import io.zoetrope.chaos.Tracker.Attempt;
import io.zoetrope.request.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Injects the faults of one kind, one after the other.
final class Lane {

    /// What faults are done to.
    record World(Fleet fleet, Observer observer, BrokerProcess broker, FaultyStore store, Load load, FaultLog log) {}

    private static final Duration PATIENCE_FOR_A_PLACE = Duration.ofSeconds(4);
    private static final Duration PATIENCE_FOR_A_TAKEOVER = Duration.ofSeconds(40);
    private static final Duration GLANCE = Duration.ofMillis(50);

    private final World world;
    private final FaultKind kind;
    private final FaultPlan plan;

    Lane(World world, FaultKind kind, FaultPlan plan) {
        this.world = world;
        this.kind = kind;
        this.plan = plan;
    }

    /// @param count    of faults
    /// @param deadline after which no fault is begun
    void run(int count, Instant deadline) throws InterruptedException {
        long before = world.log().count(kind);
        while (world.log().count(kind) - before < count && Instant.now().isBefore(deadline)) {
            inject(plan.next());
        }
    }

    private void inject(Fault fault) throws InterruptedException {
        switch (fault) {
            case Fault.Kill kill -> kill(kill);
            case Fault.Pause pause -> pause(pause);
            case Fault.Terminate terminate -> terminate(terminate);
            case Fault.BrokerRestart restart -> restart(restart);
            case Fault.StoreOutage outage -> outage(outage);
            case Fault.Duplicate duplicate -> duplicate(duplicate);
            case Fault.CancelStorm storm -> cancel(storm);
        }
    }

    private void kill(Fault.Kill fault) throws InterruptedException {
        WorkerProcess worker = victim(fault);
        world.fleet().expectEnd(worker);
        Instant at = Instant.now();
        worker.send(Signal.KILL);
        world.log().add(kind, worker.id(), at, fault.at().name());
        Thread.sleep(fault.pause());
    }

    /// A worker that wakes up when others have its jobs: a zombie.
    private void pause(Fault.Pause fault) throws InterruptedException {
        WorkerProcess worker = victim(fault);
        Instant at = Instant.now();
        worker.send(Signal.STOP);
        Thread.sleep(GLANCE); // what it had said arrives
        List<Attempt> inHand = world.observer().inHand(worker.id());
        boolean zombie = !inHand.isEmpty() && world.observer().awaitTakeover(inHand, PATIENCE_FOR_A_TAKEOVER);
        if (inHand.isEmpty()) {
            Thread.sleep(BrokerProcess.RECORD_LOCK);
        }
        Thread.sleep(fault.beyond());
        worker.send(Signal.CONTINUE);
        world.log().add(kind, worker.id(), at, zombie ? "zombie" : "idle");
        world.fleet().release(worker);
    }

    private void terminate(Fault.Terminate fault) throws InterruptedException {
        WorkerProcess worker = victim(fault);
        boolean busy = world.observer().isBusy(worker.id());
        world.fleet().expectEnd(worker);
        Instant at = Instant.now();
        worker.send(Signal.TERM);
        boolean ended = worker.await(Duration.ofSeconds(30));
        double seconds = Duration.between(at, Instant.now()).toMillis() / 1e3;
        world.log().add(kind, worker.id(), at, "%s %.2f".formatted(busy ? "busy" : "idle", ended ? seconds : 99));
        if (!ended) {
            world.log().late(worker.id());
            worker.send(Signal.KILL);
        }
    }

    private void restart(Fault.BrokerRestart fault) throws InterruptedException {
        Thread.sleep(fault.after());
        Instant at = Instant.now();
        world.broker().restart(fault.inOrder(), fault.away());
        world.log().add(kind, "", at, fault.inOrder() ? "in order" : "killed");
    }

    private void outage(Fault.StoreOutage fault) throws InterruptedException {
        Thread.sleep(fault.after());
        Instant at = Instant.now();
        String what = world.store().fail(fault.choice(), fault.length());
        world.log().add(kind, "", at, what);
    }

    private void duplicate(Fault.Duplicate fault) throws InterruptedException {
        Thread.sleep(fault.after());
        Observer observer = world.observer();
        Instant at = Instant.now();
        boolean done = switch (fault.moment()) {
            case TOGETHER -> {
                world.load().repeatNext();
                yield true;
            }
            case WHILE_IT_RUNS -> again(fault, job -> observer.hasBegun(job) && !observer.hasEnded(job));
            case AFTER_ITS_END -> again(fault, observer::hasEnded);
        };
        if (done) {
            world.log().add(kind, "", at, fault.moment().name());
        }
    }

    private boolean again(Fault.Duplicate fault, Predicate<JobId> wanted) {
        Load load = world.load();
        return (fault.other() ? load.contradict(fault.choice(), wanted) : load.repeat(fault.choice(), wanted))
                .isPresent();
    }

    private void cancel(Fault.CancelStorm fault) throws InterruptedException {
        Thread.sleep(fault.after());
        for (int number = 0; number < fault.jobs(); number++) {
            double choice = (fault.choice() + number * 0.37) % 1;
            Instant at = Instant.now();
            world.load()
                    .cancel(choice, job -> !world.observer().hasEnded(job))
                    .ifPresent(job -> world.log().add(kind, "", at, job.value()));
        }
    }

    /// The worker that is at the planned place, after the planned while; if none comes there, any.
    private WorkerProcess victim(Fault.OfWorker fault) throws InterruptedException {
        Fleet fleet = world.fleet();
        Observer observer = world.observer();
        Optional<WorkerProcess> there = fault.at().equals(Place.IDLE)
                ? awaitIdle()
                : observer.awaitArrival(fault.at(), fleet::canClaim, PATIENCE_FOR_A_PLACE)
                        .flatMap(id -> fleet.claim(id::equals));
        while (there.isEmpty()) {
            Thread.sleep(GLANCE);
            there = fleet.claim(observer::isBusy);
        }
        Thread.sleep(fault.after());
        return there.get();
    }

    /// A worker that waits for its first job, or for any.
    private Optional<WorkerProcess> awaitIdle() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_FOR_A_PLACE.toNanos();
        Optional<WorkerProcess> idle = Optional.empty();
        while (idle.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(10);
            idle = world.fleet().claim(worker -> !world.observer().isBusy(worker));
        }
        return idle;
    }
}
