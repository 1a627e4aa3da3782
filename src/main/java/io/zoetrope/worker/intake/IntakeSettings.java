package io.zoetrope.worker.intake;

import io.zoetrope.request.Priority;
import io.zoetrope.worker.kafka.LaneNames;
import io.zoetrope.worker.kafka.ShareGroupSettings;
import io.zoetrope.worker.kafka.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.eclipse.microprofile.config.Config;

/// What a channel of the share group connector was configured to do.
///
/// @param lanes    the classes of priority, the higher first; one if there are none
/// @param client   properties of the Kafka client, `bootstrap.servers` among them
/// @param created  topics to create if they are missing; empty to expect the topic
/// @param interval between two looks at the broker
record IntakeSettings(
        String channel,
        List<Lane> lanes,
        int slots,
        Map<String, Object> client,
        ShareGroupSettings shareGroup,
        Optional<Topics> created,
        Duration interval) {

    private static final int DEFAULT_SLOTS = 3;
    private static final int DEFAULT_INTERVAL = 5_000;

    IntakeSettings {
        List<String> problems = new ArrayList<>();
        for (Lane lane : lanes) {
            if (lane.topic().isBlank()) {
                problems.add("topic is empty, expected a name");
            }
            if (lane.group().isBlank()) {
                problems.add("group.id is empty, expected a name");
            }
        }
        if (slots < 1) {
            problems.add("slots %d, expected at least 1".formatted(slots));
        }
        if (interval.toMillis() < 100) {
            problems.add("probe.interval.ms %d, expected at least 100".formatted(interval.toMillis()));
        }
        if (!client.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            problems.add("bootstrap.servers is missing, expected host:port");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "mp.messaging.incoming.%s: %s".formatted(channel, String.join("; ", problems)));
        }
        lanes = List.copyOf(lanes);
        client = Map.copyOf(client);
    }

    /// Reads the attributes of a channel.
    ///
    /// @param defaults client properties common to all channels, weaker than the channel's own
    static IntakeSettings of(Config attributes, Map<String, Object> defaults) {
        String channel = attributes.getValue("channel-name", String.class);
        Map<String, Object> client = new HashMap<>(defaults);
        Set<String> known = ConsumerConfig.configNames();
        for (String name : attributes.getPropertyNames()) {
            if (known.contains(name)) {
                attributes.getOptionalValue(name, String.class).ifPresent(value -> client.put(name, value));
            }
        }
        return new IntakeSettings(
                channel,
                lanes(
                        attributes.getOptionalValue("topic", String.class).orElse(channel),
                        attributes.getOptionalValue("group.id", String.class).orElse(channel),
                        attributes.getOptionalValue("priority.weights", String.class)),
                attributes.getOptionalValue("slots", Integer.class).orElse(DEFAULT_SLOTS),
                client,
                new ShareGroupSettings(
                        attributes
                                .getOptionalValue("share.auto.offset.reset", String.class)
                                .orElse("earliest"),
                        attributes
                                .getOptionalValue("share.record.lock.duration.ms", Long.class)
                                .map(Duration::ofMillis)),
                attributes
                        .getOptionalValue("create.topics.prefix", String.class)
                        .map(Topics::new),
                Duration.ofMillis(attributes
                        .getOptionalValue("probe.interval.ms", Integer.class)
                        .orElse(DEFAULT_INTERVAL)));
    }

    /// One lane for each class of priority.
    ///
    /// @param topic   of normal priority
    /// @param group   of normal priority
    /// @param weights of high, normal and low, separated by commas; empty for normal alone
    static List<Lane> lanes(String topic, String group, Optional<String> weights) {
        if (weights.isEmpty()) {
            return List.of(new Lane(Priority.NORMAL, topic, group, 1));
        }
        String[] parts = weights.get().split(",");
        if (parts.length != 3
                || Arrays.stream(parts).anyMatch(part -> !part.strip().matches("[1-9]\\d{0,3}"))) {
            throw new IllegalArgumentException(
                    "priority.weights '%s', expected three numbers of 1 to 9999 for high, normal and low"
                            .formatted(weights.get()));
        }
        List<Lane> lanes = new ArrayList<>();
        for (Priority priority : List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW)) {
            lanes.add(new Lane(
                    priority,
                    LaneNames.topic(topic, priority),
                    LaneNames.group(group, priority),
                    Integer.parseInt(parts[lanes.size()].strip())));
        }
        return lanes;
    }

    /// The group that reads a topic.
    String group(String topic) {
        return lanes.stream()
                .filter(lane -> lane.topic().equals(topic))
                .findFirst()
                .orElseThrow()
                .group();
    }

    String address() {
        return String.valueOf(client.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    /// For the consumer of one slot: explicit acknowledgement, one record a poll.
    Map<String, Object> consumer(int slot, Lane lane) {
        Map<String, Object> properties = only(ConsumerConfig.configNames());
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, lane.group());
        properties.merge(ConsumerConfig.CLIENT_ID_CONFIG, channel, (name, _) -> name);
        properties.merge(ConsumerConfig.CLIENT_ID_CONFIG, "-" + slot, (name, suffix) -> "" + name + suffix);
        properties.put("share.acknowledgement.mode", "explicit");
        properties.put("share.acquire.mode", "record_limit");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        // A slot without demand does not poll, for as long as there is none; that is no reason to leave the group.
        properties.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
        return properties;
    }

    Map<String, Object> admin() {
        return only(AdminClientConfig.configNames());
    }

    private Map<String, Object> only(Set<String> names) {
        Map<String, Object> chosen = new HashMap<>(client);
        chosen.keySet().retainAll(names);
        return chosen;
    }
}
