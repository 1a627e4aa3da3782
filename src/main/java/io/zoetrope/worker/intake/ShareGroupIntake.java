package io.zoetrope.worker.intake;

import io.smallrye.mutiny.Multi;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;

/// The records of a topic as a stream that takes from the broker exactly what is requested of it, and holds
/// each record until it is settled. As many records as there are slots can be held at once.
///
/// For one subscriber. The stream neither ends nor fails by itself.
final class ShareGroupIntake implements Flow.Publisher<Delivery> {

    /// How the slots and the broker are, in one look.
    ///
    /// @param alive whether all threads live and have given a sign in the last minute
    /// @param ready whether the broker answers
    record Health(boolean alive, boolean ready, String detail) {}

    private static final Logger LOG = Logger.getLogger(ShareGroupIntake.class);

    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);
    private static final Duration PATIENCE_FOR_CLOSING = Duration.ofSeconds(15);

    private final IntakeSettings settings;
    private final Executor emission;
    private final Demand demand = new Demand();
    private final AtomicReference<Flow.Subscriber<? super Delivery>> subscriber = new AtomicReference<>();
    private final BrokerWatch watch;
    private final Turns turns;
    private final Backlog backlog;
    private final List<IntakeSlot> slots;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean draining;
    private volatile boolean closed;

    /// @param emission runs one task after the other, in order; what downstream does runs there, never on a
    ///                 slot's thread
    ShareGroupIntake(IntakeSettings settings, Executor emission) {
        this.settings = settings;
        this.emission = emission;
        this.watch = new BrokerWatch(settings.address(), settings.admin(), this::prepare, settings.interval());
        this.turns = new Turns(settings.lanes());
        this.backlog = new Backlog(settings.lanes(), settings.admin(), turns::known);
        this.slots = IntStream.range(0, settings.slots())
                .mapToObj(number -> new IntakeSlot(
                        turns,
                        lane -> new KafkaShareConsumer<>(
                                settings.consumer(number, lane), new StringDeserializer(), new ByteArrayDeserializer()),
                        demand,
                        emission,
                        this::emit))
                .toList();
    }

    String channel() {
        return settings.channel();
    }

    /// The records, for a subscriber that has room for as many as there are slots, though it may ask for one
    /// after the other: every slot that is free polls.
    ///
    /// A consumer may have one more fetch under way when it hands a record over, and keeps what that brings
    /// until it polls again. A slot that is free and does not poll would keep it from everybody until its lock
    /// has run out.
    Multi<Delivery> records() {
        return Multi.createFrom().publisher(this).onOverflow().buffer(settings.slots());
    }

    boolean isSubscribed() {
        return subscriber.get() != null;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Delivery> candidate) {
        if (!subscriber.compareAndSet(null, candidate)) {
            candidate.onSubscribe(new Subscription());
            candidate.onError(new IllegalStateException(settings.channel() + " has its subscriber already"));
            return;
        }
        candidate.onSubscribe(new Subscription());
        start();
    }

    /// Takes nothing more; what is held stays held, renewed and to be settled.
    void drain() {
        draining = true;
        slots.forEach(IntakeSlot::drain);
    }

    /// Takes nothing for a while; what is held stays held, renewed and to be settled.
    void pause(boolean paused) {
        slots.forEach(slot -> slot.pause(paused));
    }

    /// Takes nothing more, releases what is held, closes the consumers. Returns when that is done, or after a
    /// while.
    void close() {
        leave();
        long deadline = System.nanoTime() + PATIENCE_FOR_CLOSING.toNanos();
        synchronized (threads) {
            for (Thread thread : threads) {
                try {
                    if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                        LOG.warnf("%s did not end within %s", thread.getName(), PATIENCE_FOR_CLOSING);
                    }
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    Health health() {
        List<IntakeSlot.Vitals> vitals = slots.stream().map(IntakeSlot::vitals).toList();
        long now = System.nanoTime();
        boolean running;
        synchronized (threads) {
            running = threads.stream().allMatch(Thread::isAlive);
        }
        boolean silent = vitals.stream().anyMatch(vital -> now - vital.lastSign() > LONGEST_SILENCE.toNanos());
        String slotsDetail = "%d of %d slots hold a record, last poll %d s ago, last renewal %d s ago"
                .formatted(
                        vitals.stream().filter(IntakeSlot.Vitals::holding).count(),
                        vitals.size(),
                        youngest(vitals.stream().mapToLong(IntakeSlot.Vitals::lastPoll), now),
                        youngest(vitals.stream().mapToLong(IntakeSlot.Vitals::lastRenewal), now));
        return switch (watch.reach()) {
            case BrokerWatch.Reach.Ready _ ->
                new Health(
                        draining || (running && !silent),
                        !draining,
                        "Kafka at %s; %s".formatted(watch.address(), slotsDetail));
            case BrokerWatch.Reach.Away(long since, String reason) ->
                new Health(
                        draining || running,
                        false,
                        "Kafka at %s has not been ready for %d s: %s; %s"
                                .formatted(watch.address(), BrokerWatch.secondsSince(since), reason, slotsDetail));
        };
    }

    private void leave() {
        draining = true;
        closed = true;
        watch.close();
        backlog.close();
        slots.forEach(IntakeSlot::close);
    }

    private static long youngest(LongStream times, long now) {
        return times.map(time -> TimeUnit.NANOSECONDS.toSeconds(now - time))
                .min()
                .orElseThrow();
    }

    private void start() {
        synchronized (threads) {
            threads.add(daemon("watch", watch));
            threads.add(daemon("backlog", () -> {
                try {
                    watch.awaitPrepared();
                } catch (InterruptedException _) {
                    return; // closed before the broker ever answered
                }
                backlog.run();
            }));
            for (int number = 0; number < slots.size(); number++) {
                IntakeSlot slot = slots.get(number);
                threads.add(daemon("slot-" + number, () -> {
                    try {
                        watch.awaitPrepared();
                        backlog.awaitFirstLook();
                    } catch (InterruptedException _) {
                        return; // closed before the broker ever answered
                    }
                    slot.run();
                }));
            }
            threads.forEach(Thread::start);
        }
    }

    private Thread daemon(String role, Runnable work) {
        return Thread.ofPlatform()
                .daemon()
                .name(settings.channel() + "-" + role)
                .unstarted(work);
    }

    private void prepare(Admin admin) {
        var setup = new ClusterSetup(admin);
        settings.created()
                .map(topics -> setup.createMissing(topics.definitions(Topics.Partitions.DEFAULT)))
                .filter(created -> !created.isEmpty())
                .ifPresent(created -> LOG.infof("created topics %s", created));
        for (Lane lane : settings.lanes()) {
            if (!setup.exists(lane.topic())) {
                throw new KafkaException("topic %s does not exist".formatted(lane.topic()));
            }
            setup.configure(lane.group(), settings.shareGroup());
        }
    }

    private void emit(Delivery delivery) {
        try {
            emission.execute(() -> {
                if (closed) {
                    var _ = delivery.settle(new Settlement.Release("the worker is closing"));
                    return;
                }
                try {
                    subscriber.get().onNext(delivery);
                } catch (RuntimeException failure) { // against the rules of streams, but no reason to lose a record
                    LOG.errorf(failure, "%s was refused by its subscriber", delivery);
                    var _ = delivery.settle(new Settlement.Release(failure.toString()));
                }
            });
        } catch (RejectedExecutionException failure) {
            var _ = delivery.settle(new Settlement.Release(failure.toString()));
        }
    }

    private final class Subscription implements Flow.Subscription {

        @Override
        public void request(long count) {
            if (count > 0) {
                demand.add(count);
            } else {
                emission.execute(() -> subscriber
                        .get()
                        .onError(new IllegalArgumentException("%d requested, expected more than 0".formatted(count))));
            }
        }

        /// Cancelling must not wait: the threads end by themselves.
        @Override
        public void cancel() {
            leave();
        }
    }
}
