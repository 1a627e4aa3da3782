package io.zoetrope.worker.intake;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.jboss.logging.Logger;

/// Room for one job in flight: one share consumer on one thread. It waits for demand, polls until a record
/// comes, hands it over, renews its lock until the application has decided, tells the broker, and begins again.
///
/// While a consumer holds a renewed record its polls return nothing new: hence a consumer for each job, never
/// one for many.
final class IntakeSlot implements Runnable {

    /// How far the slot may still go.
    enum Phase {
        /// Take, hold, settle.
        PULLING,
        /// Take nothing more; go on holding what is held.
        DRAINING,
        /// Release what is held and leave.
        CLOSING
    }

    /// @param holding    whether a record is held
    /// @param lastSign   when the thread last did anything, of [System#nanoTime()]
    /// @param lastPoll   when it last polled
    /// @param lastRenewal when it last renewed a lock or took one
    record Vitals(boolean holding, long lastSign, long lastPoll, long lastRenewal) {

        Vitals sign() {
            return new Vitals(holding, System.nanoTime(), lastPoll, lastRenewal);
        }

        Vitals polled() {
            long now = System.nanoTime();
            return new Vitals(false, now, now, lastRenewal);
        }

        Vitals renewed() {
            long now = System.nanoTime();
            return new Vitals(true, now, lastPoll, now);
        }

        Vitals free() {
            return new Vitals(false, System.nanoTime(), lastPoll, lastRenewal);
        }
    }

    private static final Logger LOG = Logger.getLogger(IntakeSlot.class);

    private static final Duration GLANCE = Duration.ofMillis(250);

    /// After so many a lane is believed to be empty. A consumer that has just joined its group may hear of its
    /// partition only with its second heartbeat.
    private static final int LOOKS = 2;

    private static final int FIRST_LOOKS = 24;

    /// After so many, where something is said to wait, the consumer is replaced: a broker that was killed and came back
    /// may leave one fetching for ever, until somebody leaves the group or joins it.
    private static final int LOOKS_IN_VAIN = 60;

    private static final Duration LOOK_UP_FROM_HOLDING = Duration.ofSeconds(5);
    private static final Duration PAUSE_AFTER_FAULT = Duration.ofSeconds(1);
    private static final Duration PATIENCE_FOR_CLOSING = Duration.ofSeconds(3);

    private final Turns turns;
    private final Function<Lane, ShareConsumer<String, byte[]>> consumers;
    private final Demand demand;
    private final Executor callbacks;
    private final Consumer<Delivery> receiver;
    private volatile boolean paused;
    private volatile Phase phase = Phase.PULLING;
    private volatile Delivery held;
    private volatile Vitals vitals;

    /// @param turns     tells the lane to take the next record from
    /// @param consumers opens a consumer with explicit acknowledgement, one record a poll
    /// @param callbacks for those who wait for a loss
    /// @param receiver  takes a record without blocking
    IntakeSlot(
            Turns turns,
            Function<Lane, ShareConsumer<String, byte[]>> consumers,
            Demand demand,
            Executor callbacks,
            Consumer<Delivery> receiver) {
        this.turns = turns;
        this.consumers = consumers;
        this.demand = demand;
        this.callbacks = callbacks;
        this.receiver = receiver;
        long now = System.nanoTime();
        this.vitals = new Vitals(false, now, now, now);
    }

    Vitals vitals() {
        return vitals;
    }

    void drain() {
        if (phase == Phase.PULLING) {
            phase = Phase.DRAINING;
        }
    }

    void close() {
        phase = Phase.CLOSING;
        Delivery inHand = held;
        if (inHand != null) {
            var _ = inHand.settle(new Settlement.Release("the worker is closing"));
        }
    }

    /// Takes nothing for a while; what is held stays held.
    void pause(boolean paused) {
        this.paused = paused;
    }

    /// Lives until it is told to close. A fault of the client costs the consumer, never the slot.
    @Override
    public void run() {
        try {
            while (phase == Phase.PULLING) {
                Lane lane = turns.next();
                var consumer = open(lane);
                if (consumer == null) {
                    Thread.sleep(PAUSE_AFTER_FAULT);
                    continue;
                }
                try {
                    consumer.subscribe(List.of(lane.topic()));
                    serve(consumer, lane);
                } catch (RuntimeException fault) {
                    LOG.errorf(fault, "slot for %s: its consumer failed, opening another", lane.topic());
                    Thread.sleep(PAUSE_AFTER_FAULT);
                } finally {
                    close(consumer, lane);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // told to leave: done
        }
    }

    private ShareConsumer<String, byte[]> open(Lane lane) {
        vitals = vitals.sign();
        try {
            return consumers.apply(lane);
        } catch (RuntimeException fault) {
            LOG.errorf(fault, "slot for %s: cannot open a consumer", lane.topic());
            return null;
        }
    }

    private void close(ShareConsumer<String, byte[]> consumer, Lane lane) {
        try {
            consumer.close(PATIENCE_FOR_CLOSING);
        } catch (RuntimeException fault) {
            LOG.warnf("slot for %s: its consumer did not close well: %s", lane.topic(), fault);
        }
    }

    /// One record after the other, until the slot is to end, another lane has its turn, or the consumer has lost its
    /// thread with the broker.
    private void serve(ShareConsumer<String, byte[]> consumer, Lane lane) throws InterruptedException {
        boolean goesOn = true;
        int looks = FIRST_LOOKS;
        while (goesOn && phase == Phase.PULLING) {
            vitals = vitals.sign();
            if (paused) {
                Thread.sleep(GLANCE);
            } else if (demand.take(GLANCE)) {
                if (turns.next().equals(lane)) {
                    goesOn = takeOne(consumer, lane, looks);
                    looks = LOOKS;
                } else {
                    demand.add(1); // whoever opens a consumer for the other lane takes it
                    goesOn = false;
                }
            }
        }
    }

    /// @return whether the consumer is to be used again
    private boolean takeOne(ShareConsumer<String, byte[]> consumer, Lane lane, int looks) throws InterruptedException {
        boolean handedOver = false;
        try {
            RecordLock lock = acquire(consumer, lane, looks);
            if (lock == null) {
                return false; // it may still be fetching behind the scenes: closing gives back what comes
            }
            turns.gave(lane);
            var delivery = new Delivery(lock.record(), lock.until(), callbacks);
            held = delivery;
            if (phase != Phase.PULLING || paused) {
                return lock.settle(new Settlement.Release("taken while the worker stopped taking"));
            }
            LOG.debugf("took %s, delivery %d", delivery, delivery.record().deliveryCount());
            handedOver = true;
            receiver.accept(delivery);
            return hold(lock, delivery);
        } finally {
            held = null;
            vitals = vitals.free();
            if (!handedOver) {
                demand.add(1); // still wanted
            }
        }
    }

    /// Polls until a record comes; null if the slot is to end first, or another lane has work while this one gives
    /// nothing.
    ///
    /// @param looks after which the lane is believed to be empty
    private RecordLock acquire(ShareConsumer<String, byte[]> consumer, Lane lane, int looks) {
        int vain = 0;
        while (phase == Phase.PULLING && !paused) {
            long asked = System.nanoTime();
            for (ConsumerRecord<String, byte[]> polled : consumer.poll(GLANCE)) {
                vitals = vitals.renewed();
                return new RecordLock(consumer, polled, asked); // one record a poll: there is no second
            }
            vitals = vitals.polled();
            if (++vain >= looks) {
                turns.gaveNothing(lane);
                if (!turns.next().equals(lane) || vain >= LOOKS_IN_VAIN && turns.waits(lane)) {
                    return null;
                }
            }
        }
        return null;
    }

    /// Keeps the record until the application has decided, then tells the broker.
    ///
    /// A lost record keeps its slot, because the application goes on working on it until it notices.
    ///
    /// @return whether consumer and broker agree, so that the consumer can be used again
    private boolean hold(RecordLock lock, Delivery delivery) throws InterruptedException {
        boolean ours = true;
        Settlement decision = null;
        try {
            while (decision == null) {
                decision = delivery.awaitDecision(ours ? lock.untilRenewal() : LOOK_UP_FROM_HOLDING);
                if (decision == null && ours) {
                    ours = lock.renew();
                    if (ours) {
                        delivery.renewed(lock.until());
                        vitals = vitals.renewed();
                    } else {
                        LOG.warnf("%s is not ours any more; another worker may be given it", delivery);
                        delivery.lost();
                    }
                }
                vitals = vitals.sign();
            }
            boolean confirmed = ours && lock.settle(decision);
            LOG.debugf("%s: %s, confirmed %s", delivery, decision, confirmed);
            delivery.settled(confirmed);
            return confirmed;
        } finally {
            delivery.settled(false); // if the consumer failed: whoever waits must hear of it; otherwise without effect
        }
    }
}
