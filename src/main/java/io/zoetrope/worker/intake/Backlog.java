package io.zoetrope.worker.intake;

import io.zoetrope.worker.kafka.QueueLag;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/// Looks again and again how much waits in each lane.
final class Backlog implements Runnable {

    private static final Logger LOG = Logger.getLogger(Backlog.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration PATIENCE_FOR_THE_FIRST = Duration.ofSeconds(5);
    private static final Duration PATIENCE_FOR_CLOSING = Duration.ofSeconds(1);

    private final List<Lane> lanes;
    private final Map<String, Object> client;
    private final Consumer<List<Long>> listener;
    private final CountDownLatch looked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Thread thread; // null before it runs

    Backlog(List<Lane> lanes, Map<String, Object> client, Consumer<List<Long>> listener) {
        this.lanes = lanes;
        this.client = client;
        this.listener = listener;
    }

    /// Waits a little for the first look, so that the first record is taken from the right lane.
    void awaitFirstLook() throws InterruptedException {
        var _ = looked.await(PATIENCE_FOR_THE_FIRST.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Ends the look that is under way too: it may wait for a broker that does not answer.
    void close() {
        closed.countDown();
        looked.countDown();
        Thread looking = thread;
        if (looking != null) {
            looking.interrupt();
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        if (closed.getCount() == 0) {
            return;
        }
        Admin admin = Admin.create(client);
        try {
            QueueLag lag = new QueueLag(admin);
            do {
                try {
                    listener.accept(lanes.stream()
                            .map(lane -> lag.unsettled(lane.group(), lane.topic()))
                            .toList());
                    looked.countDown();
                } catch (KafkaException fault) {
                    LOG.debugf("the backlog is not known: %s", fault.getMessage());
                }
            } while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // told to leave: done
        } finally {
            admin.close(PATIENCE_FOR_CLOSING);
        }
    }
}
