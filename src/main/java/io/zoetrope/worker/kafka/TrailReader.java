package io.zoetrope.worker.kafka;

import io.zoetrope.request.JobId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Utils;

/// Reads a topic that is keyed by job id, for one job or for all, outside of any consumer group: readers
/// neither disturb one another nor leave anything behind. For one job only the partition of its key is read.
///
/// Belongs to one thread.
public final class TrailReader implements AutoCloseable {

    /// Where to begin.
    public enum Start {
        /// With the oldest record the broker still has.
        BEGINNING,
        /// With the first record published after the reader was opened.
        NOW
    }

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofMillis(200);

    private final KafkaConsumer<String, byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Predicate<TrailRecord> wanted;
    private final Queue<TrailRecord> fetched = new ArrayDeque<>();

    private TrailReader(
            KafkaConsumer<String, byte[]> consumer, List<TopicPartition> partitions, Predicate<TrailRecord> wanted) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.wanted = wanted;
    }

    /// Opens a reader; from its return on, [Start#NOW] misses nothing.
    ///
    /// @param client properties of the Kafka client: `bootstrap.servers`, and security if there is any
    /// @param job    the job to read; empty for all
    /// @throws KafkaException naming address and topic, if no broker answers within ten seconds or the topic
    ///                        does not exist
    public static TrailReader open(Map<String, Object> client, String topic, Optional<JobId> job, Start start) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        properties.putAll(client);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        try {
            return open(consumer, topic, job, start);
        } catch (KafkaException failure) {
            consumer.close();
            throw new KafkaException(
                    "cannot read topic %s at %s: %s"
                            .formatted(
                                    topic,
                                    properties.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG),
                                    failure.getMessage()),
                    failure);
        }
    }

    private static TrailReader open(
            KafkaConsumer<String, byte[]> consumer, String topic, Optional<JobId> job, Start start) {
        List<PartitionInfo> all = consumer.partitionsFor(topic);
        if (all == null || all.isEmpty()) {
            throw new KafkaException("it does not exist");
        }
        List<TopicPartition> partitions = job.map(id -> List.of(partitionOf(id, topic, all.size())))
                .orElseGet(() -> all.stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList());
        consumer.assign(partitions);
        switch (start) {
            case BEGINNING -> consumer.seekToBeginning(partitions);
            case NOW -> consumer.seekToEnd(partitions);
        }
        partitions.forEach(consumer::position); // seeking is lazy: look up now what "now" means
        return new TrailReader(
                consumer,
                partitions,
                job.<Predicate<TrailRecord>>map(id -> entry -> id.value().equals(entry.key()))
                        .orElse(_ -> true));
    }

    /// Where producers put the records of a job: the hash of their default partitioner.
    private static TopicPartition partitionOf(JobId job, String topic, int partitions) {
        int hash = Utils.murmur2(job.value().getBytes(StandardCharsets.UTF_8));
        return new TopicPartition(topic, Utils.toPositive(hash) % partitions);
    }

    /// The next record, or empty if none comes in time.
    public Optional<TrailRecord> next(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (fetched.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            fetch(Duration.ofNanos(left));
        }
        return Optional.of(fetched.remove());
    }

    /// All records there are at this moment, from where the reader stands.
    public List<TrailRecord> toEnd() {
        var records = new ArrayList<TrailRecord>();
        toEnd(records::add);
        return records;
    }

    /// Hands over all records there are at this moment, without holding more of them than one fetch brings.
    public void toEnd(Consumer<TrailRecord> each) {
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        hand(each);
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
            fetch(GLANCE);
            hand(each);
        }
    }

    private void hand(Consumer<TrailRecord> each) {
        while (!fetched.isEmpty()) {
            each.accept(fetched.remove());
        }
    }

    /// Hands over each record as it comes, up to and including the last.
    ///
    /// @param isLast says of a record whether to stop after it
    /// @return whether the last record came within the given time
    public boolean follow(Consumer<TrailRecord> each, Predicate<TrailRecord> isLast, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<TrailRecord> next = next(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            if (next.isEmpty()) {
                return false;
            }
            each.accept(next.get());
            if (isLast.test(next.get())) {
                return true;
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }

    private void fetch(Duration patience) {
        consumer.poll(patience)
                .forEach(record ->
                        Optional.of(TrailRecord.of(record)).filter(wanted).ifPresent(fetched::add));
    }
}
