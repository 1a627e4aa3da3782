package io.zoetrope.chaos;

import io.zoetrope.request.JobId;
import io.zoetrope.request.Priority;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The clients: submit jobs, repeat themselves, change their minds. What they said is kept for the history.
final class Load implements AutoCloseable {

    private static final byte[] CANCEL = "{\"requested_by\":\"chaos\"}".getBytes(StandardCharsets.UTF_8);
    private static final int MOST_COPIES = 6;
    private static final List<Priority> PRIORITIES =
            List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW, Priority.NORMAL, Priority.NORMAL);

    private final RequestPublisher publisher;
    private final Observer observer;
    private final List<Sample> samples;
    private final String prefix;
    private final Map<JobId, Submission> submissions = new LinkedHashMap<>();
    private final Map<JobId, Sample> requests = new LinkedHashMap<>();
    private final AtomicInteger together = new AtomicInteger();

    /// @param prefix of job ids
    Load(Map<String, Object> client, Observer observer, List<Sample> samples, String prefix) {
        this.publisher = new RequestPublisher(client, Topics.DEFAULT, "/zoetrope/chaos");
        this.observer = observer;
        this.samples = samples;
        this.prefix = prefix;
    }

    /// Submits jobs, so that `window` of them are unfinished at any time.
    ///
    /// @param enough whether no more are wanted
    void run(int window, BooleanSupplier enough) throws InterruptedException {
        while (!enough.getAsBoolean()) {
            if (unfinished().size() < window) {
                submit();
            } else {
                Thread.sleep(20);
            }
        }
    }

    synchronized int count() {
        return submissions.size();
    }

    synchronized List<Submission> submissions() {
        return List.copyOf(submissions.values());
    }

    List<JobId> unfinished() {
        return jobs(job -> !observer.hasEnded(job));
    }

    /// Publishes the request of a job that comes once more, together with the first.
    void repeatNext() {
        together.incrementAndGet();
    }

    /// Publishes the request of a job again, in other words.
    ///
    /// @param choice among the jobs that `wanted` lets through, 0 to 1
    /// @return the job; empty if there is none
    Optional<JobId> repeat(double choice, Predicate<JobId> wanted) {
        return choose(choice, wanted).map(job -> {
            publish(() ->
                    publisher.request(job, request(job).priority(), request(job).reworded()));
            alter(job, Submission::published);
            return job;
        });
    }

    /// Publishes another request under the id of a job.
    Optional<JobId> contradict(double choice, Predicate<JobId> wanted) {
        return choose(choice, wanted).map(job -> {
            publish(() ->
                    publisher.request(job, request(job).priority(), request(job).contradicted()));
            alter(job, Submission::contradicted);
            return job;
        });
    }

    Optional<JobId> cancel(double choice, Predicate<JobId> wanted) {
        return choose(choice, wanted).map(job -> {
            publish(() -> publisher.cancel(job, CANCEL));
            Instant now = Instant.now();
            alter(job, submission -> submission.cancelled(now));
            return job;
        });
    }

    @Override
    public void close() {
        publisher.close();
    }

    private void submit() {
        JobId job;
        Sample sample;
        synchronized (this) {
            int number = submissions.size();
            job = new JobId("%s-%05d".formatted(prefix, number));
            sample = samples.get(number % samples.size()).with(PRIORITIES.get(number % PRIORITIES.size()));
            submissions.put(job, new Submission(job, sample.name(), 1, 0, null));
            requests.put(job, sample);
        }
        int copies = Math.min(together.get(), MOST_COPIES);
        together.addAndGet(-copies);
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int copy = 0; copy < copies; copy++) {
            alter(job, Submission::published);
            sent.add(publisher.request(job, sample.priority(), copy % 2 == 0 ? sample.reworded() : sample.json()));
        }
        publish(() -> publisher.request(job, sample.priority(), sample.json()));
        sent.forEach(copy -> copy.exceptionally(_ -> null).join());
    }

    /// A client repeats itself until the broker has what it says; whether it had it before is not known.
    private static void publish(Supplier<CompletableFuture<RequestPublisher.Published>> publication) {
        while (true) {
            try {
                var _ = publication.get().join();
                return;
            } catch (CompletionException refused) {
                System.err.println(
                        "client repeats itself: " + refused.getCause().getMessage());
                sleep(Duration.ofMillis(200));
            }
        }
    }

    private Optional<JobId> choose(double choice, Predicate<JobId> wanted) {
        List<JobId> jobs = jobs(wanted);
        return jobs.isEmpty() ? Optional.empty() : Optional.of(jobs.get((int) (choice * jobs.size())));
    }

    private List<JobId> jobs(Predicate<JobId> wanted) {
        List<JobId> all;
        synchronized (this) {
            all = new ArrayList<>(submissions.keySet());
        }
        return all.stream().filter(wanted).toList();
    }

    private synchronized Sample request(JobId job) {
        return requests.get(job);
    }

    private synchronized void alter(JobId job, UnaryOperator<Submission> change) {
        submissions.computeIfPresent(job, (_, submission) -> change.apply(submission));
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted");
        }
    }
}
