package io.zoetrope.worker.kafka;

import io.zoetrope.request.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/// The topics of one Zoetrope, all beginning with the same prefix.
///
/// | topic | key | kept | content |
/// | --- | --- | --- | --- |
/// | `requests`, `requests.high`, `requests.low` | job id | 7 days | the queue, a topic for each priority |
/// | `encoded`, `denoised`, each with `.high` and `.low` | job id | 7 days | queues between workers that do different
/// stages |
/// | `control` | job id | 1 day | cancel commands, read by every worker |
/// | `events` | job id | for ever | every fact: the audit trail |
/// | `state` | job id | latest per key | summary of each job |
/// | `results` | job id | 30 days | for subscribers: URLs and metadata of the clip |
/// | `dead` | job id | for ever | what was refused or given up, with the reason |
///
/// @param prefix what the names begin with, usually `zoetrope`
public record Topics(String prefix) {

    /// The names in a cluster of one's own.
    public static final Topics DEFAULT = new Topics("zoetrope");

    private static final Duration REQUESTS_KEPT = Duration.ofDays(7);
    private static final Duration CONTROL_KEPT = Duration.ofDays(1);
    private static final Duration RESULTS_KEPT = Duration.ofDays(30);
    private static final String FOR_EVER = "-1";

    public Topics {
        if (prefix == null || !prefix.matches("[A-Za-z0-9._-]{1,200}")) {
            throw new IllegalArgumentException(
                    "prefix '%s', expected 1 to 200 letters, digits, '.', '_' or '-'".formatted(prefix));
        }
    }

    /// How many partitions the topics get when they are created.
    ///
    /// @param requests one is right for a share group, whatever the number of workers: its consumers share it.
    ///                 With more partitions than consumers each belongs to a single one, and what lies in it
    ///                 waits as long as that one is busy. Only the classic consumer group needs one for each
    ///                 worker
    /// @param events   of `events`, `state` and `results`; a job's records lie in one of them, in order
    public record Partitions(int requests, int events) {

        public static final Partitions DEFAULT = new Partitions(1, 6);

        public Partitions {
            if (requests < 1 || events < 1) {
                throw new IllegalArgumentException(
                        "partitions requests %d, events %d, expected at least 1".formatted(requests, events));
            }
        }
    }

    /// Where jobs wait: for everything, or between workers that do different stages.
    public enum Queue {
        REQUESTS("requests"),
        ENCODED("encoded"),
        DENOISED("denoised");

        private final String word;

        Queue(String word) {
            this.word = word;
        }
    }

    /// The topic of a queue's class of priority.
    public String queue(Queue queue, Priority priority) {
        return LaneNames.topic(prefix + "." + queue.word, priority);
    }

    /// The queue of requests of normal priority.
    public String requests() {
        return prefix + ".requests";
    }

    public String control() {
        return prefix + ".control";
    }

    public String events() {
        return prefix + ".events";
    }

    public String state() {
        return prefix + ".state";
    }

    public String results() {
        return prefix + ".results";
    }

    public String dead() {
        return prefix + ".dead";
    }

    /// All as the broker wants them, replicated as its default says.
    public List<NewTopic> definitions(Partitions partitions) {
        List<NewTopic> topics = new ArrayList<>();
        for (Queue queue : Queue.values()) {
            for (Priority priority : Priority.values()) {
                topics.add(kept(queue(queue, priority), partitions.requests(), REQUESTS_KEPT));
            }
        }
        topics.add(kept(control(), 1, CONTROL_KEPT));
        topics.add(keptForEver(events(), partitions.events()));
        topics.add(compacted(state(), partitions.events()));
        topics.add(kept(results(), partitions.events(), RESULTS_KEPT));
        topics.add(keptForEver(dead(), 1));
        return topics;
    }

    private static NewTopic kept(String name, int partitions, Duration retention) {
        return deleted(name, partitions, Long.toString(retention.toMillis()));
    }

    private static NewTopic keptForEver(String name, int partitions) {
        return deleted(name, partitions, FOR_EVER);
    }

    private static NewTopic deleted(String name, int partitions, String retention) {
        return topic(
                name,
                partitions,
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        retention));
    }

    private static NewTopic compacted(String name, int partitions) {
        return topic(name, partitions, Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
    }

    private static NewTopic topic(String name, int partitions, Map<String, String> settings) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
    }
}
