package io.zoetrope.worker.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.EmbeddedBroker;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.ShareGroupSettings;
import io.zoetrope.worker.kafka.Topics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A broker that is not there yet, goes away, and comes back.
class BrokerOutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOCK = Duration.ofMillis(1500);
    private static final Topics TOPICS = new Topics("outage");

    @TempDir
    Path folder;

    private String address;
    private EmbeddedBroker.Config broker;

    @BeforeEach
    void reserveAPort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            address = "127.0.0.1:" + socket.getLocalPort();
            broker = new EmbeddedBroker.Config(
                    folder, socket.getLocalPort(), Map.of("group.share.min.record.lock.duration.ms", "1000"));
        }
    }

    @Test
    void aWorkerWaitsForItsBrokerAndLosesWhatItHoldsWhenTheBrokerStaysAway() throws Exception {
        try (var worker = IntakeUnderTest.open(settings(Optional.of(LOCK))).request(2)) {
            awaitReadiness(worker, false);
            var before = worker.intake.health();
            assertTrue(before.alive());
            assertTrue(before.detail().contains("Kafka at " + address + " has not been ready"), before.detail());

            try (var running = EmbeddedBroker.start(broker)) {
                awaitReadiness(worker, true);
                publish("job");
                var held = worker.await(PATIENCE);
                var loss = new CountDownLatch(1);
                held.onLoss(loss::countDown);

                running.stop();
                assertTrue(loss.await(10, TimeUnit.SECONDS), "the application is told");
                assertFalse(held.isStillOurs());
                awaitReadiness(worker, false);
                running.start();

                assertFalse(held.settle(new Settlement.Accept()).get(20, TimeUnit.SECONDS), "too late");
                var again = worker.await(PATIENCE);
                assertEquals("job", text(again));
                assertTrue(again.settle(new Settlement.Accept()).get(20, TimeUnit.SECONDS));
                awaitReadiness(worker, true);
            }
        }
    }

    @Test
    void aRestartWhileARecordIsHeldCostsAtMostOneMoreDelivery() throws Exception {
        try (var running = EmbeddedBroker.start(broker);
                var worker = IntakeUnderTest.open(settings(Optional.empty())).request(1)) {
            awaitReadiness(worker, true);
            publish("held");
            var held = worker.await(PATIENCE);

            running.restart();

            boolean accepted = held.settle(new Settlement.Accept()).get(30, TimeUnit.SECONDS);
            worker.request(1);
            if (!accepted) {
                var again = worker.await(PATIENCE);
                assertEquals("held", text(again));
                assertTrue(again.settle(new Settlement.Accept()).get(20, TimeUnit.SECONDS));
                worker.request(1);
            }
            publish("next");
            assertEquals("next", text(worker.await(PATIENCE)), "the stream goes on");
        }
    }

    @Test
    void aWorkerWithoutABrokerClosesAtOnce() throws Exception {
        var worker = IntakeUnderTest.open(settings(Optional.empty())).request(1);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!worker.intake.health().detail().contains("no answer within")) { // the question that closing cuts short
            assertTrue(System.nanoTime() < deadline, worker.intake.health().toString());
            Thread.sleep(50);
        }

        long begin = System.nanoTime();
        worker.close();

        assertTrue(System.nanoTime() - begin < Duration.ofSeconds(5).toNanos());
    }

    private IntakeSettings settings(Optional<Duration> lock) {
        return new IntakeSettings(
                "requests",
                IntakeSettings.lanes(TOPICS.requests(), "workers", Optional.empty()),
                1,
                Map.of("bootstrap.servers", address),
                new ShareGroupSettings("earliest", lock),
                Optional.of(TOPICS),
                Duration.ofMillis(500));
    }

    private void publish(String value) throws Exception {
        try (var publisher = new RequestPublisher(Map.of("bootstrap.servers", address), TOPICS, "/test")) {
            publisher
                    .request(new JobId("job"), value.getBytes(StandardCharsets.UTF_8))
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private static void awaitReadiness(IntakeUnderTest worker, boolean ready) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (worker.intake.health().ready() != ready) {
            assertTrue(System.nanoTime() < deadline, worker.intake.health().toString());
            Thread.sleep(50);
        }
    }

    private static String text(Delivery delivery) {
        return new String(delivery.value(), StandardCharsets.UTF_8);
    }
}
