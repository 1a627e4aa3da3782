package io.zoetrope.worker.intake;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/// Who hears of what became of a record.
class DeliveryTest {

    private final AtomicBoolean lost = new AtomicBoolean();

    @Test
    void aRecordThatIsSettledWellIsNotLost() {
        Delivery delivery = delivery();
        CompletableFuture<Boolean> settled = delivery.settle(new Settlement.Accept());
        delivery.settled(true);
        delivery.settled(false); // the slot always says so at last
        assertTrue(settled.join());
        assertFalse(lost.get());
    }

    @Test
    void aRecordWhoseSettlementIsNotConfirmedIsLost() {
        Delivery delivery = delivery();
        CompletableFuture<Boolean> settled = delivery.settle(new Settlement.Accept());
        delivery.settled(false);
        assertFalse(settled.join());
        assertTrue(lost.get());
    }

    private Delivery delivery() {
        Delivery delivery =
                new Delivery(new ConsumerRecord<>("requests", 0, 0, "job", new byte[0]), Long.MAX_VALUE, Runnable::run);
        delivery.onLoss(() -> lost.set(true));
        return delivery;
    }
}
