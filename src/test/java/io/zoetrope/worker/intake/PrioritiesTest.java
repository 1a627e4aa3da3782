package io.zoetrope.worker.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Priority;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.ShareGroupSettings;
import io.zoetrope.worker.kafka.SharedBroker;
import io.zoetrope.worker.kafka.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/// Three priorities in front of a worker that has room for one job at a time.
class PrioritiesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<Lane> LANES = List.of(
            new Lane(Priority.HIGH, "high", "g", 8),
            new Lane(Priority.NORMAL, "normal", "g", 3),
            new Lane(Priority.LOW, "low", "g", 1));

    @Test
    void turnsAreSharedByWeightAndNoneStarves() {
        Turns turns = new Turns(LANES);
        turns.known(List.of(1_000L, 1_000L, 1_000L));
        List<Priority> taken = take(turns, 120);
        assertEquals(80, taken.stream().filter(Priority.HIGH::equals).count());
        assertEquals(30, taken.stream().filter(Priority.NORMAL::equals).count());
        assertEquals(10, taken.stream().filter(Priority.LOW::equals).count());
        assertTrue(taken.subList(0, 12).contains(Priority.LOW), taken.toString());
    }

    @Test
    void aLaneThatGivesNothingIsPassedOverUntilMoreIsThere() {
        Turns turns = new Turns(LANES);
        turns.known(List.of(1L, 5L, 0L));
        assertEquals(Priority.HIGH, turns.next().priority());
        turns.gaveNothing(LANES.getFirst());
        assertEquals(Priority.NORMAL, turns.next().priority());
        turns.known(List.of(2L, 5L, 0L));
        assertEquals(Priority.HIGH, turns.next().priority());
    }

    @Test
    void whereNothingIsKnownToWaitTheNormalLaneIsWatched() {
        assertEquals(Priority.NORMAL, new Turns(LANES).next().priority());
    }

    /// Prints the table of waiting times.
    @Test
    void underOverloadTheHigherWaitLessAndTheLowestIsServedAllAlong() throws Exception {
        Topics topics = new Topics("priorities-" + System.nanoTime());
        int each = 24;
        try (Admin admin = Admin.create(SharedBroker.client());
                RequestPublisher publisher = new RequestPublisher(SharedBroker.client(), topics, "/test")) {
            new ClusterSetup(admin).createMissing(topics.definitions(Topics.Partitions.DEFAULT));
            for (int number = 0; number < each; number++) {
                for (Priority priority : Priority.values()) {
                    publisher
                            .request(new JobId(priority + "-" + number), priority, new byte[] {'{', '}'})
                            .join();
                }
            }
            var settings = new IntakeSettings(
                    "requests",
                    IntakeSettings.lanes(topics.requests(), "workers-" + topics.prefix(), Optional.of("8,3,1")),
                    1,
                    Map.of("bootstrap.servers", SharedBroker.bootstrapServers()),
                    ShareGroupSettings.EARLIEST,
                    Optional.empty(),
                    Duration.ofMillis(500));
            List<String> order = new ArrayList<>();
            List<Double> at = new ArrayList<>();
            long begin = System.nanoTime();
            try (var worker = IntakeUnderTest.open(settings)) {
                for (int number = 0; number < 3 * each; number++) {
                    worker.request(1);
                    Delivery delivery = worker.await(PATIENCE);
                    order.add(delivery.record().key().replaceAll("-.*", ""));
                    at.add((System.nanoTime() - begin) / 1e9);
                    assertTrue(delivery.settle(new Settlement.Accept()).get());
                }
            }
            System.out.println(
                    "| priority | mean place | mean wait (s) | first | last |\n| --- | --- | --- | --- | --- |");
            for (Priority priority : Priority.values()) {
                int[] places = IntStream.range(0, order.size())
                        .filter(place -> order.get(place).equals(priority.label()))
                        .toArray();
                assertEquals(each, places.length);
                System.out.printf(
                        "| %s | %.1f | %.1f | %d | %d |%n",
                        priority,
                        IntStream.of(places).average().orElseThrow(),
                        IntStream.of(places).mapToDouble(at::get).average().orElseThrow(),
                        places[0] + 1,
                        places[each - 1] + 1);
            }
            assertTrue(mean(order, Priority.HIGH) < mean(order, Priority.NORMAL));
            assertTrue(mean(order, Priority.NORMAL) < mean(order, Priority.LOW));
            assertTrue(order.subList(0, 20).contains("low"), "none starves: " + order);
        }
    }

    private static double mean(List<String> order, Priority priority) {
        return IntStream.range(0, order.size())
                .filter(place -> order.get(place).equals(priority.label()))
                .average()
                .orElseThrow();
    }

    private static List<Priority> take(Turns turns, int count) {
        return IntStream.range(0, count)
                .mapToObj(_ -> {
                    Lane lane = turns.next();
                    turns.gave(lane);
                    return lane.priority();
                })
                .toList();
    }
}
