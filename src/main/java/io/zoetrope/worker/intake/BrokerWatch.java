package io.zoetrope.worker.intake;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Knows whether the broker answers. Consumers do not say: their polls just stay empty.
///
/// When the broker answers for the first time the watch prepares it (topics, group settings); before that no
/// slot starts. A broker that is away is asked again and again, for as long as it takes.
final class BrokerWatch implements Runnable {

    /// What is known of the broker.
    sealed interface Reach {
        /// Answers, and is prepared.
        record Ready() implements Reach {}

        /// Does not answer, or does not let itself be prepared.
        ///
        /// @param since of [System#nanoTime()]
        record Away(long since, String reason) implements Reach {}
    }

    private static final Logger LOG = Logger.getLogger(BrokerWatch.class);

    private static final Duration BETWEEN_REMINDERS = Duration.ofSeconds(30);
    private static final Duration PATIENCE_FOR_CLOSING = Duration.ofSeconds(1);

    private final String address;
    private final Map<String, Object> client;
    private final Consumer<Admin> preparation;
    private final Duration interval;
    private final CountDownLatch prepared = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Reach reach = new Reach.Away(System.nanoTime(), "not asked yet");
    private long lastReminder;

    /// @param client      properties of the admin client, `bootstrap.servers` among them
    /// @param preparation run once, when the broker answers first; repeated if it fails
    /// @param interval    between two questions
    BrokerWatch(String address, Map<String, Object> client, Consumer<Admin> preparation, Duration interval) {
        this.address = address;
        this.client = client;
        this.preparation = preparation;
        this.interval = interval;
    }

    Reach reach() {
        return reach;
    }

    String address() {
        return address;
    }

    /// Waits until the broker has been prepared, or the watch closed.
    void awaitPrepared() throws InterruptedException {
        prepared.await();
    }

    void close() {
        closed.countDown();
        prepared.countDown();
    }

    @Override
    public void run() {
        try {
            do {
                watch();
            } while (!isClosedAfterAnInterval());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // told to leave: done
        }
    }

    private void watch() throws InterruptedException {
        Admin admin;
        try {
            admin = Admin.create(client);
        } catch (KafkaException failure) { // such as a host name nobody knows
            away(failure);
            return;
        }
        try {
            watch(admin);
        } finally {
            admin.close(PATIENCE_FOR_CLOSING); // without a limit it waits for the answer to its last question
        }
    }

    private void watch(Admin admin) throws InterruptedException {
        do {
            try {
                var _ = admin.describeCluster().nodes().get(interval.toMillis(), TimeUnit.MILLISECONDS);
                if (prepared.getCount() > 0) {
                    preparation.accept(admin);
                    prepared.countDown();
                }
                ready();
            } catch (TimeoutException _) {
                away("no answer within " + interval.toMillis() + " ms");
            } catch (ExecutionException failure) {
                away(failure.getCause());
            } catch (KafkaException failure) {
                away(failure);
            }
        } while (!isClosedAfterAnInterval());
    }

    private boolean isClosedAfterAnInterval() throws InterruptedException {
        return closed.await(interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ready() {
        if (reach instanceof Reach.Away away) {
            LOG.infof("Kafka at %s answers, after %d s", address, secondsSince(away.since()));
            reach = new Reach.Ready();
        }
    }

    private void away(Throwable failure) {
        away(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    /// One line when it begins, and one now and then.
    private void away(String reason) {
        long now = System.nanoTime();
        boolean news = !(reach instanceof Reach.Away away) || !away.reason().equals(reason);
        reach = new Reach.Away(reach instanceof Reach.Away away ? away.since() : now, reason);
        if (news || now - lastReminder > BETWEEN_REMINDERS.toNanos()) {
            lastReminder = now;
            LOG.warnf("Kafka at %s is not ready (%s); trying on", address, reason);
        }
    }

    static long secondsSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - nanoTime);
    }
}
