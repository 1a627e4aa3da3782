package io.zoetrope.worker.intake;

import static io.zoetrope.worker.intake.IntakeUnderTest.open;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.QueueLag;
import io.zoetrope.worker.kafka.SharedBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/// The promises of the intake against a real broker, each on a topic of its own.
class ShareGroupIntakeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration A_WHILE = Duration.ofMillis(1500);
    private static final Settlement ACCEPT = new Settlement.Accept();

    private static Admin admin;
    private static KafkaProducer<String, String> producer;

    private String topic;

    @BeforeAll
    static void connect() {
        admin = Admin.create(SharedBroker.client());
        producer = new KafkaProducer<>(SharedBroker.client(), new StringSerializer(), new StringSerializer());
    }

    @AfterAll
    static void disconnect() {
        producer.close();
        admin.close();
    }

    @BeforeEach
    void createTopic(TestInfo test) {
        topic = "intake-" + test.getTestMethod().orElseThrow().getName();
        new ClusterSetup(admin).createMissing(List.of(new NewTopic(topic, 1, (short) 1)));
    }

    @Test
    void withoutDemandNothingIsTaken() throws Exception {
        publish("one", "two");
        try (var idle = open(settings(2));
                var rival = open(settings(2)).request(2)) {
            var first = rival.await(PATIENCE);
            var second = rival.await(PATIENCE);

            assertEquals(Set.of("one", "two"), Set.of(text(first), text(second)));
            assertEquals(1, first.record().deliveryCount());
            assertEquals(1, second.record().deliveryCount());
            assertTrue(first.settle(ACCEPT).get(5, TimeUnit.SECONDS));
            assertTrue(second.settle(ACCEPT).get(5, TimeUnit.SECONDS));
            assertNull(idle.poll(Duration.ZERO));
        }
    }

    @Test
    void aDemandOfOneTakesExactlyOneWhateverTheSlots() throws Exception {
        publish("one", "two", "three");
        try (var modest = open(settings(3)).request(1)) {
            var first = modest.await(PATIENCE);
            assertNull(modest.poll(A_WHILE));

            try (var rival = open(settings(2)).request(2)) {
                assertEquals(1, rival.await(PATIENCE).record().deliveryCount());
                assertEquals(1, rival.await(PATIENCE).record().deliveryCount());
            }
            assertTrue(first.settle(ACCEPT).get(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void everyFreeSlotPollsForASubscriberThatAsksForOneAfterTheOther() throws Exception {
        publish("one", "two", "three");
        var intake = new ShareGroupIntake(settings(2), Runnable::run);
        AssertSubscriber<Delivery> subscriber = intake.records().subscribe().withSubscriber(AssertSubscriber.create(1));
        try (var rival = open(settings(1))) {
            subscriber.awaitItems(1, PATIENCE);
            await().atMost(PATIENCE).until(() -> intake.health().detail().contains("2 of 2 slots hold a record"));
            rival.request(2);
            assertEquals("three", text(rival.await(PATIENCE)));
            assertNull(rival.poll(A_WHILE), "the second is this worker's, and waits to be asked for");

            subscriber.request(1).awaitItems(2, PATIENCE);

            for (Delivery delivery : subscriber.getItems()) {
                assertEquals(1, delivery.record().deliveryCount());
                assertTrue(delivery.settle(ACCEPT).get(5, TimeUnit.SECONDS));
            }
        } finally {
            intake.close();
        }
    }

    @Test
    void asManyAreHeldAsThereAreSlotsThoughMoreAreWanted() throws Exception {
        publish("one", "two", "three");
        try (var eager = open(settings(2)).request(Long.MAX_VALUE)) {
            var first = eager.await(PATIENCE);
            var second = eager.await(PATIENCE);
            assertNull(eager.poll(A_WHILE));

            assertTrue(first.settle(ACCEPT).get(5, TimeUnit.SECONDS));

            assertEquals("three", text(eager.await(PATIENCE)));
            assertTrue(second.isStillOurs());
        }
    }

    @Test
    void aHeldRecordIsRenewedAndNeverGivenToARival() throws Exception {
        publish("long job");
        var lock = Optional.of(Duration.ofMillis(1500));
        try (var worker = open(settings(1, lock)).request(1)) {
            var held = worker.await(PATIENCE);
            try (var rival = open(settings(1, lock)).request(1)) {
                for (int half = 0; half < 10; half++) { // more than three times the lock
                    assertNull(rival.poll(Duration.ofMillis(500)));
                    assertTrue(held.isStillOurs(), "after half second " + half);
                }
                assertTrue(held.settle(ACCEPT).get(5, TimeUnit.SECONDS));
                assertNull(rival.poll(A_WHILE));
            }
            assertFalse(held.isStillOurs(), "it is settled");
            assertEquals(0, unsettled());
        }
    }

    @Test
    void aReleasedRecordComesAgainAndARejectedOneDoesNot() throws Exception {
        publish("job");
        assertEquals(1, unsettled(), "a group that was never used");
        try (var worker = open(settings(1)).request(3)) {
            var first = worker.await(PATIENCE);
            assertEquals(1, unsettled(), "in flight");
            assertTrue(first.settle(new Settlement.Release("test")).get(5, TimeUnit.SECONDS));

            var second = worker.await(PATIENCE);
            assertEquals("job", text(second));
            assertEquals(2, second.record().deliveryCount());
            assertEquals(first.record().offset(), second.record().offset());
            assertTrue(second.settle(new Settlement.Reject("test")).get(5, TimeUnit.SECONDS));

            assertNull(worker.poll(A_WHILE));
            assertEquals(0, unsettled());
        }
    }

    @Test
    void closingReleasesWhatIsHeldAtOnce() throws Exception {
        publish("job");
        try (var rival = open(settings(1))) {
            try (var worker = open(settings(1)).request(1)) {
                var held = worker.await(PATIENCE);
                var lost = new CountDownLatch(1);
                held.onLoss(lost::countDown);
                rival.request(1);
                assertNull(rival.poll(A_WHILE), "it is held, for thirty seconds if nobody lets go");
                worker.intake.drain();
                assertTrue(worker.intake.health().alive());
                assertFalse(worker.intake.health().ready());
                assertTrue(held.isStillOurs(), "draining keeps what is held");
            }
            var again = rival.await(Duration.ofSeconds(5));

            assertEquals(2, again.record().deliveryCount());
            assertTrue(again.settle(ACCEPT).get(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void aSubscriberThatThrowsLosesNeitherTheRecordNorTheStream() throws Exception {
        publish("one");
        var attempts = new AtomicInteger();
        try (var worker = open(settings(1), _ -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new IllegalStateException("a bug of the subscriber");
                    }
                })
                .request(3)) {
            worker.await(PATIENCE);
            var again = worker.await(PATIENCE);

            assertEquals(2, again.record().deliveryCount());
            assertTrue(again.settle(ACCEPT).get(5, TimeUnit.SECONDS));
            publish("two");
            assertEquals("two", text(worker.await(PATIENCE)));
        }
    }

    @Test
    void everyRecordIsTakenOnceByTwoWorkersOnOnePartition() throws Exception {
        publish("1", "2", "3", "4", "5", "6", "7", "8");
        var seen = new TreeSet<String>();
        try (var one = open(settings(2)).request(Long.MAX_VALUE);
                var two = open(settings(2)).request(Long.MAX_VALUE)) {
            var here = one.await(PATIENCE);
            var there = two.await(PATIENCE);
            while (here != null || there != null) {
                for (Delivery delivery :
                        here == null ? List.of(there) : there == null ? List.of(here) : List.of(here, there)) {
                    assertTrue(seen.add(text(delivery)), text(delivery));
                    assertTrue(delivery.settle(ACCEPT).get(5, TimeUnit.SECONDS));
                }
                here = one.poll(A_WHILE);
                there = two.poll(Duration.ofMillis(100));
            }
        }
        assertEquals(8, seen.size());
        assertEquals(0, unsettled());
    }

    @Test
    void aTopicThatIsMissingIsSaidAndWaitedFor() throws Exception {
        topic = "intake-later";
        try (var worker = open(settings(1)).request(1)) {
            assertNull(worker.poll(A_WHILE));
            var health = worker.intake.health();
            assertFalse(health.ready());
            assertTrue(health.alive());
            assertTrue(health.detail().contains("topic intake-later does not exist"), health.detail());

            new ClusterSetup(admin).createMissing(List.of(new NewTopic(topic, 1, (short) 1)));
            publish("late");

            assertEquals("late", text(worker.await(PATIENCE)));
            assertTrue(worker.intake.health().ready());
        }
    }

    private IntakeSettings settings(int slots) {
        return settings(slots, Optional.empty());
    }

    private IntakeSettings settings(int slots, Optional<Duration> lock) {
        return IntakeUnderTest.settings(SharedBroker.bootstrapServers(), topic, slots, lock);
    }

    private void publish(String... values) throws Exception {
        for (String value : values) {
            producer.send(new ProducerRecord<>(topic, "key", value)).get(10, TimeUnit.SECONDS);
        }
    }

    private long unsettled() {
        return new QueueLag(admin).unsettled(topic + "-group", topic);
    }

    private static String text(Delivery delivery) {
        return new String(delivery.value(), StandardCharsets.UTF_8);
    }
}
