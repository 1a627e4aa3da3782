package io.zoetrope.worker.reaper;

import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.audit.MessageCodec;
import io.zoetrope.audit.UnreadableMessageException;
import io.zoetrope.request.JobId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;

/// Looks after jobs that nobody has any more, on a thread of its own. The reapers of all workers share the partitions
/// of the state topic as a classic consumer group; each folds what it reads into the jobs that have not ended.
///
/// The group's committed offsets are those before which every job has ended, so that a reaper that takes a partition
/// over reads what it needs and no more.
public final class Reaper implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Reaper.class);
    private static final Duration GLANCE = Duration.ofMillis(500);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(1);

    private final ReaperSettings settings;
    private final Map<String, Object> client;
    private final String topic;
    private final SilentJobs silent;
    private final JobEnds ends;
    private final Queues queues;
    private final Clock clock;
    private final MessageCodec codec;
    private final Map<TopicPartition, WatchedJobs> watched = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final Thread thread;
    private volatile KafkaConsumer<String, byte[]> consumer; // null while there is none
    private volatile boolean closed;

    private Reaper(
            ReaperSettings settings,
            Map<String, Object> client,
            String group,
            String topic,
            SilentJobs silent,
            JobEnds ends,
            Queues queues,
            Clock clock) {
        this.settings = settings;
        this.client = properties(client, group);
        this.topic = topic;
        this.silent = silent;
        this.ends = ends;
        this.queues = queues;
        this.clock = clock;
        this.codec = new MessageCodec(URI.create("/zoetrope/reaper"), clock);
        this.thread = Thread.ofPlatform().name("reaper").daemon().unstarted(this::run);
    }

    /// Starts a reaper.
    ///
    /// @param client properties of the Kafka client: `bootstrap.servers`, and security if there is any
    /// @param group  the consumer group that all reapers of these jobs share
    /// @param topic  of the summaries
    /// @param worker whose reaper it is, for facts
    public static Reaper start(
            ReaperSettings settings,
            Map<String, Object> client,
            String group,
            String topic,
            String worker,
            JobStore store,
            JobEnds ends,
            Outlet outlet,
            Queues queues,
            Clock clock) {
        var silent = new SilentJobs(settings, worker, store, ends, outlet, queues, clock);
        Reaper reaper = new Reaper(settings, client, group, topic, silent, ends, queues, clock);
        reaper.thread.start();
        return reaper;
    }

    private static Map<String, Object> properties(Map<String, Object> client, String group) {
        Map<String, Object> properties = new HashMap<>(client);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
        return properties;
    }

    /// Stops; waits a few seconds for what is being done.
    @Override
    public void close() {
        closed = true;
        KafkaConsumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try (var current = new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer())) {
                consumer = current;
                watch(current);
            } catch (WakeupException | InterruptException _) {
                // it is closed
            } catch (RuntimeException failure) {
                LOG.warnf("the reaper begins anew: %s", failure.getMessage());
                LOG.debugf(failure, "the reaper begins anew");
                pause();
            } finally {
                consumer = null;
                watched.clear();
                committed.clear();
            }
        }
    }

    private void watch(KafkaConsumer<String, byte[]> current) {
        current.subscribe(List.of(topic), new Assignment());
        long nextRound = System.nanoTime();
        Due due = null; // the round that is to come when all that was said before is read; null before its time
        while (!closed) {
            current.poll(GLANCE.compareTo(settings.round()) < 0 ? GLANCE : settings.round())
                    .forEach(this::take);
            if (System.nanoTime() - nextRound >= 0 && (due == null || !due.isOf(watched.keySet()))) {
                due = new Due(clock.instant(), current.endOffsets(watched.keySet()));
            }
            if (due != null && due.isReached(current)) {
                round(current, due.at());
                due = null;
                nextRound = System.nanoTime() + settings.round().toNanos();
            }
        }
    }

    /// A moment at which to look at all jobs: one looks silent to someone who has not read what was said until then.
    ///
    /// @param ends of the partitions at that moment
    private record Due(Instant at, Map<TopicPartition, Long> ends) {

        boolean isOf(Set<TopicPartition> partitions) {
            return ends.keySet().equals(partitions);
        }

        boolean isReached(KafkaConsumer<String, byte[]> current) {
            return !ends.isEmpty()
                    && ends.entrySet().stream().allMatch(end -> current.position(end.getKey()) >= end.getValue());
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        WatchedJobs jobs = watched.get(new TopicPartition(record.topic(), record.partition()));
        if (jobs == null || !JobId.isValid(record.key())) {
            return;
        }
        if (record.value() == null) {
            jobs.forget(new JobId(record.key()));
            return;
        }
        try {
            JobSummary summary = codec.readState(event(record));
            jobs.said(summary, record.offset(), Instant.ofEpochMilli(record.timestamp()));
        } catch (UnreadableMessageException unreadable) {
            LOG.warnf(
                    "%s/%d/%d is no summary: %s",
                    record.topic(), record.partition(), record.offset(), unreadable.getMessage());
        }
    }

    private static CloudEvent event(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        record.headers()
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return CloudEvent.ofHeaders(headers, record.value());
    }

    private void round(KafkaConsumer<String, byte[]> current, Instant now) {
        queues.refresh();
        long deadline = System.nanoTime() + LONGEST_ROUND.toNanos();
        for (WatchedJobs jobs : watched.values()) {
            for (WatchedJobs.Watched job : jobs.silentAt(now)) {
                if (closed || System.nanoTime() - deadline > 0) {
                    return;
                }
                attend(jobs, job);
            }
            for (JobId job : jobs.settledAt(now)) {
                if (closed || System.nanoTime() - deadline > 0) {
                    return;
                }
                tidy(jobs, job);
            }
        }
        remember(current);
    }

    private void attend(WatchedJobs jobs, WatchedJobs.Watched job) {
        JobId id = job.summary().job();
        Duration again = settings.round();
        try {
            again = silent.attend(job.summary(), job.said());
        } catch (RuntimeException failure) {
            LOG.warnf("job %s is silent and could not be looked at: %s", id, failure.getMessage());
            LOG.debugf(failure, "job %s could not be looked at", id);
        }
        jobs.lookAgain(id, clock.instant().plus(again));
    }

    private void tidy(WatchedJobs jobs, JobId job) {
        try {
            ends.tidyIfEnded(job);
            jobs.tidied(job);
        } catch (RuntimeException failure) {
            LOG.warnf("the folder of job %s could not be tidied: %s", job, failure.getMessage());
        }
    }

    private void remember(KafkaConsumer<String, byte[]> current) {
        Map<TopicPartition, OffsetAndMetadata> changed = new HashMap<>();
        watched.forEach((partition, jobs) -> {
            long done = jobs.done(current.position(partition));
            if (!Long.valueOf(done).equals(committed.put(partition, done))) {
                changed.put(partition, new OffsetAndMetadata(done));
            }
            jobs.resumeAt().ifPresent(offset -> current.seek(partition, offset));
        });
        if (!changed.isEmpty()) {
            current.commitSync(changed);
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// A partition that comes begins where everything before has ended.
    private final class Assignment implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> watched.put(partition, new WatchedJobs(settings)));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> {
                watched.remove(partition);
                committed.remove(partition);
            });
        }
    }
}
