package io.zoetrope.worker.intake;

import io.zoetrope.worker.kafka.ShareGroupSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One worker's intake with a subscriber that requests what a test tells it to, and keeps what it is given.
final class IntakeUnderTest implements AutoCloseable, Flow.Subscriber<Delivery> {

    final ShareGroupIntake intake;
    private final ExecutorService emission = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("emission").factory());
    private final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
    private final Consumer<Delivery> reaction;
    private Flow.Subscription subscription;

    private IntakeUnderTest(IntakeSettings settings, Consumer<Delivery> reaction) {
        this.reaction = reaction;
        this.intake = new ShareGroupIntake(settings, emission);
        intake.subscribe(this);
    }

    static IntakeUnderTest open(IntakeSettings settings) {
        return open(settings, _ -> {});
    }

    /// @param reaction of the subscriber to each record; may throw
    static IntakeUnderTest open(IntakeSettings settings, Consumer<Delivery> reaction) {
        return new IntakeUnderTest(settings, reaction);
    }

    static IntakeSettings settings(String address, String topic, int slots, Optional<Duration> lock) {
        return new IntakeSettings(
                topic,
                IntakeSettings.lanes(topic, topic + "-group", Optional.empty()),
                slots,
                Map.of("bootstrap.servers", address),
                new ShareGroupSettings("earliest", lock),
                Optional.empty(),
                Duration.ofMillis(500));
    }

    IntakeUnderTest request(long count) {
        subscription.request(count);
        return this;
    }

    Delivery await(Duration patience) throws InterruptedException {
        Delivery delivery = received.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (delivery == null) {
            throw new AssertionError("no record within " + patience);
        }
        return delivery;
    }

    /// What came within that time, or null.
    Delivery poll(Duration patience) throws InterruptedException {
        return received.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        intake.close();
        emission.shutdown();
    }

    @Override
    public void onSubscribe(Flow.Subscription opened) {
        subscription = opened;
    }

    @Override
    public void onNext(Delivery delivery) {
        received.add(delivery);
        reaction.accept(delivery);
    }

    @Override
    public void onError(Throwable failure) {
        throw new AssertionError("the stream never fails", failure);
    }

    @Override
    public void onComplete() {
        throw new AssertionError("the stream never ends");
    }
}
