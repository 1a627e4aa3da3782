package io.zoetrope.worker.kafka;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// How many records of a topic a share group has not settled, those in flight included: the number that says
/// how many workers are wanted.
public final class QueueLag {

    private final Admin admin;

    /// @param admin stays the caller's to close
    public QueueLag(Admin admin) {
        this.admin = admin;
    }

    /// The number of unsettled records. A group that was never used counts everything the topic holds, because
    /// it will start at the earliest record: otherwise a deployment of zero workers would never wake.
    ///
    /// @throws KafkaException if the topic does not exist or the broker cannot be reached
    public long unsettled(String group, String topic) {
        List<TopicPartition> partitions =
                ClusterSetup.await(admin.describeTopics(List.of(topic)).allTopicNames())
                        .get(topic)
                        .partitions()
                        .stream()
                        .map(partition -> new TopicPartition(topic, partition.partition()))
                        .toList();
        Map<TopicPartition, SharePartitionOffsetInfo> known = ClusterSetup.await(
                admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec().topicPartitions(partitions)))
                        .partitionsToOffsetInfo(group));
        Map<TopicPartition, ListOffsetsResultInfo> first = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, ListOffsetsResultInfo> end = offsets(partitions, OffsetSpec.latest());
        return partitions.stream()
                .mapToLong(partition -> unsettled(
                        known.get(partition),
                        first.get(partition).offset(),
                        end.get(partition).offset()))
                .sum();
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(List<TopicPartition> partitions, OffsetSpec spec) {
        return ClusterSetup.await(
                admin.listOffsets(partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> spec)))
                        .all());
    }

    /// @param known what the broker says of one partition: null before its first use, without a lag before its
    ///              first settlement
    private static long unsettled(SharePartitionOffsetInfo known, long first, long end) {
        if (known == null) {
            return end - first;
        }
        return known.lag().orElseGet(() -> end - Math.max(first, known.startOffset()));
    }
}
