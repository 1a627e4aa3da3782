package io.zoetrope.worker.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

class TopicsTest {

    @Test
    void missingTopicsAreCreatedOnceAndKeptAsTheirPurposeNeeds() throws Exception {
        var topics = new Topics("topics-test");
        List<NewTopic> definitions = topics.definitions(new Topics.Partitions(1, 2));
        try (var admin = Admin.create(SharedBroker.client())) {
            var setup = new ClusterSetup(admin);

            Set<String> created = setup.createMissing(definitions);

            assertEquals(new TreeSet<>(definitions.stream().map(NewTopic::name).toList()), created);
            assertEquals(Set.of(), setup.createMissing(definitions));
            assertEquals("compact", setting(admin, topics.state(), "cleanup.policy"));
            assertEquals("delete", setting(admin, topics.events(), "cleanup.policy"));
            assertEquals("-1", setting(admin, topics.events(), "retention.ms"));
            assertEquals("86400000", setting(admin, topics.control(), "retention.ms"));
            assertEquals(2, partitions(admin, topics.results()));
            assertEquals(1, partitions(admin, topics.requests()));
        }
    }

    @Test
    void aPrefixThatIsNoTopicNameIsRefused() {
        var failure = assertThrows(IllegalArgumentException.class, () -> new Topics("not a name"));

        assertEquals("prefix 'not a name', expected 1 to 200 letters, digits, '.', '_' or '-'", failure.getMessage());
    }

    private static String setting(Admin admin, String topic, String name) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Map<ConfigResource, Config> found =
                admin.describeConfigs(List.of(resource)).all().get();
        return found.get(resource).get(name).value();
    }

    private static int partitions(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }
}
