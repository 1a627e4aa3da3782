package io.zoetrope.worker.reaper;

import io.zoetrope.worker.intake.RecordPlace;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// The queues as groups of workers read them. A group keeps, for each partition, the offset before which everything is
/// settled: in a share group accepted, rejected, or archived because it was delivered too often; in a classic group
/// committed. What lies behind it may still be delivered.
public final class BrokerQueues implements Queues, AutoCloseable {

    /// The kinds of group.
    public enum Kind {
        SHARE,
        CLASSIC
    }

    /// Clocks of workers may differ by so much.
    private static final Duration CLOCKS = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Supplier<Admin> open;
    private final Kind kind;
    private final Function<String, Optional<String>> groupOf;
    private final Collection<String> handovers;
    private final Map<String, Map<TopicPartition, Long>> starts = new HashMap<>();
    private Admin admin; // null before it is needed

    /// @param open      opens a client when it is first needed
    /// @param groupOf   the group that reads a topic; empty for topics that are no queues
    /// @param handovers topics between stages, those that do not exist included
    public BrokerQueues(
            Supplier<Admin> open, Kind kind, Function<String, Optional<String>> groupOf, Collection<String> handovers) {
        this.open = open;
        this.kind = kind;
        this.groupOf = groupOf;
        this.handovers = List.copyOf(handovers);
    }

    @Override
    public boolean mayHold(RecordPlace place) {
        Long start = starts(place.topic()).get(new TopicPartition(place.topic(), place.partition()));
        return start != null && place.offset() >= start;
    }

    @Override
    public boolean mayBeHandedOver(Instant until) {
        return handovers.stream().anyMatch(topic -> mayHoldAny(topic, until));
    }

    @Override
    public boolean mayHoldAny(String topic, Instant until) {
        Map<TopicPartition, Long> starts = starts(topic);
        Map<TopicPartition, Long> later = offsets(
                starts.keySet(), OffsetSpec.forTimestamp(until.plus(CLOCKS).toEpochMilli()));
        Map<TopicPartition, Long> end = offsets(starts.keySet(), OffsetSpec.latest());
        return starts.entrySet().stream().anyMatch(start -> {
            long firstLater = later.get(start.getKey());
            return start.getValue() < (firstLater < 0 ? end.get(start.getKey()) : firstLater);
        });
    }

    @Override
    public void refresh() {
        starts.clear();
        if (admin == null) {
            admin = open.get();
        }
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(PATIENCE);
        }
    }

    /// Where the unsettled records of each partition begin; nothing for a topic that does not exist.
    private Map<TopicPartition, Long> starts(String topic) {
        return starts.computeIfAbsent(topic, this::lookUp);
    }

    private Map<TopicPartition, Long> lookUp(String topic) {
        Optional<String> group = groupOf.apply(topic);
        if (group.isEmpty()) {
            return Map.of();
        }
        List<TopicPartition> partitions;
        try {
            partitions = await(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic).partitions().stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
        } catch (UnknownTopicOrPartitionException _) {
            return Map.of();
        }
        Map<TopicPartition, Long> first = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest()); // before the lag: it may only grow
        if (kind == Kind.CLASSIC) {
            Map<TopicPartition, Long> start = new HashMap<>(first);
            committed(group.get())
                    .forEach((partition, offset) ->
                            start.computeIfPresent(partition, (_, earliest) -> Math.max(earliest, offset)));
            return start;
        }
        Map<TopicPartition, SharePartitionOffsetInfo> known = known(group.get(), partitions);
        return partitions.stream()
                .collect(Collectors.toMap(
                        Function.identity(),
                        partition -> start(known.get(partition), first.get(partition), end.get(partition))));
    }

    /// The broker moves its start only with the next settlement; that nothing is left it knows at once.
    private static long start(SharePartitionOffsetInfo known, long first, long end) {
        if (known == null) {
            return first; // a group that was never used will start with the earliest record
        }
        boolean nothingLeft = known.lag().isPresent() && known.lag().get() == 0;
        return nothingLeft ? end : Math.max(known.startOffset(), first);
    }

    private Map<TopicPartition, Long> committed(String group) {
        Map<TopicPartition, Long> committed = new HashMap<>();
        await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .forEach((partition, known) -> {
                    if (known != null) {
                        committed.put(partition, known.offset());
                    }
                });
        return committed;
    }

    private Map<TopicPartition, SharePartitionOffsetInfo> known(String group, List<TopicPartition> partitions) {
        try {
            return await(admin.listShareGroupOffsets(
                            Map.of(group, new ListShareGroupOffsetsSpec().topicPartitions(partitions)))
                    .partitionsToOffsetInfo(group));
        } catch (GroupIdNotFoundException _) {
            return Map.of();
        }
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, ListOffsetsResultInfo> found =
                await(admin.listOffsets(partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> spec)))
                        .all());
        return found.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : new KafkaException(failed.getCause());
        }
    }
}
