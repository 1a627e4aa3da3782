package io.zoetrope.worker.kafka;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/// A broker of a test's own, with Zoetrope's topics: for workers in processes of their own.
public final class OwnBroker implements AutoCloseable {

    private final EmbeddedBroker broker;

    private OwnBroker(EmbeddedBroker broker) {
        this.broker = broker;
    }

    public static OwnBroker start(Path folder) {
        OwnBroker own = new OwnBroker(EmbeddedBroker.start(new EmbeddedBroker.Config(folder)));
        try (Admin admin = Admin.create(own.client())) {
            new ClusterSetup(admin).createMissing(Topics.DEFAULT.definitions(Topics.Partitions.DEFAULT));
        }
        return own;
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /// Properties of a client.
    public Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    @Override
    public void close() {
        broker.close();
    }
}
