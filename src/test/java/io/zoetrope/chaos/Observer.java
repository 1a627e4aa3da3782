package io.zoetrope.chaos;

import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.chaos.Tracker.Attempt;
import io.zoetrope.chaos.Tracker.Spot;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Reads the facts while they are said, for those who wait for a moment.
final class Observer implements AutoCloseable {

    private static final Duration GLANCE = Duration.ofMillis(100);

    private final Map<String, Object> client;
    private final EventCodec codec = new EventCodec(URI.create("/zoetrope/chaos"));
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Tracker tracker = new Tracker();
    private final Map<Attempt, Spot> arrivals = new HashMap<>();
    private final Map<JobId, GenerationEvent> ended = new HashMap<>();
    private final Set<JobId> begun = new HashSet<>();
    private final Thread thread = Thread.ofPlatform().name("observer").daemon().unstarted(this::watch);
    private volatile boolean closed;
    private volatile long lastNews = System.nanoTime();

    private Observer(Map<String, Object> client) {
        this.client = client;
    }

    static Observer start(Map<String, Object> client) {
        Observer observer = new Observer(client);
        observer.thread.start();
        return observer;
    }

    /// Waits until a worker that will do is at a place.
    ///
    /// @return its id; empty if none came in time
    Optional<String> awaitArrival(Place place, Predicate<String> willDo, Duration patience) {
        return await(
                patience,
                () -> arrivals.entrySet().stream()
                        .filter(entry -> entry.getValue().place().equals(place))
                        .map(entry -> entry.getValue().worker())
                        .filter(willDo)
                        .findFirst());
    }

    /// Waits until another worker has begun a job that this one had in hand.
    ///
    /// @return whether one did, in time
    boolean awaitTakeover(List<Attempt> inHand, Duration patience) {
        return await(
                        patience,
                        () -> inHand.stream()
                                .filter(attempt -> tracker.isSuperseded(attempt) || ended.containsKey(attempt.job()))
                                .findFirst())
                .isPresent();
    }

    List<Attempt> inHand(String worker) {
        return locked(() -> tracker.attempts(worker));
    }

    boolean isBusy(String worker) {
        return !inHand(worker).isEmpty();
    }

    /// A process that is gone is at no place any more.
    void forget(String worker) {
        locked(() -> {
            tracker.forget(worker);
            arrivals.values().removeIf(spot -> spot.worker().equals(worker));
            return worker;
        });
    }

    boolean hasEnded(JobId job) {
        return locked(() -> ended.containsKey(job));
    }

    /// Whether a worker has taken the job, or it has ended.
    boolean hasBegun(JobId job) {
        return locked(() -> begun.contains(job) || ended.containsKey(job));
    }

    int endedCount() {
        return locked(ended::size);
    }

    Duration sinceLastEnd() {
        return Duration.ofNanos(System.nanoTime() - lastNews);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private <T> Optional<T> await(Duration patience, Supplier<Optional<T>> question) {
        long deadline = System.nanoTime() + patience.toNanos();
        lock.lock();
        try {
            Optional<T> answer = question.get();
            while (answer.isEmpty() && System.nanoTime() < deadline) {
                boolean _ = news.await(100, TimeUnit.MILLISECONDS);
                answer = question.get();
            }
            return answer;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }

    private void watch() {
        while (!closed) {
            try (TrailReader reader =
                    TrailReader.open(client, Topics.DEFAULT.events(), Optional.empty(), TrailReader.Start.BEGINNING)) {
                while (!closed) {
                    reader.next(GLANCE).ifPresent(record -> hear(codec.read(record.cloudEvent())));
                }
            } catch (RuntimeException e) {
                if (!closed) {
                    System.err.println("observer: " + e.getMessage());
                }
            }
        }
    }

    private void hear(GenerationEvent fact) {
        locked(() -> {
            Attempt attempt = new Attempt(fact.job(), fact.header().attempt());
            tracker.apply(fact).ifPresentOrElse(spot -> arrivals.put(attempt, spot), () -> arrivals.remove(attempt));
            begun.add(fact.job());
            if (fact.terminal() && ended.putIfAbsent(fact.job(), fact) == null) {
                arrivals.keySet().removeIf(other -> other.job().equals(fact.job()));
                lastNews = System.nanoTime();
            }
            news.signalAll();
            return fact;
        });
    }
}
