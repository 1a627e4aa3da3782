package io.zoetrope.worker.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Prepares a cluster: topics that are missing, settings of a share group. Each may be repeated, and done by
/// many workers at once; what exists already is left as it is.
public final class ClusterSetup {

    private final Admin admin;

    /// @param admin stays the caller's to close
    public ClusterSetup(Admin admin) {
        this.admin = admin;
    }

    /// Creates the topics that do not exist.
    ///
    /// @return the names of those that this call created
    /// @throws KafkaException if the broker cannot be reached or refuses
    public Set<String> createMissing(Collection<NewTopic> wanted) {
        Set<String> existing = await(admin.listTopics().names());
        List<NewTopic> missing = wanted.stream()
                .filter(Predicate.not(topic -> existing.contains(topic.name())))
                .toList();
        Set<String> created = new TreeSet<>();
        admin.createTopics(missing).values().forEach((name, done) -> {
            try {
                await(done);
                created.add(name);
            } catch (TopicExistsException _) {
                // another worker was faster: just as well
            }
        });
        return created;
    }

    public boolean exists(String topic) {
        return await(admin.listTopics().names()).contains(topic);
    }

    /// Tells a share group, which need not exist yet, where to start and how long a lock lasts.
    ///
    /// @throws KafkaException if the broker cannot be reached or refuses the settings
    public void configure(String group, ShareGroupSettings settings) {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Map<ConfigResource, Collection<AlterConfigOp>> changes = Map.of(resource, settings.changes());
        await(admin.incrementalAlterConfigs(changes).all());
    }

    /// The value of an admin call; its failure as it is, without the wrapping of futures.
    static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            throw new InterruptException(interrupted); // sets the thread's flag again
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : new KafkaException(failed.getCause());
        }
    }
}
