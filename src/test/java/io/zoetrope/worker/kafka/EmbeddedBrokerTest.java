package io.zoetrope.worker.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.JobId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {

    @TempDir
    Path folder;

    @Test
    void comesBackUnderTheSameAddressWithWhatItKept() throws Exception {
        var topics = new Topics("restart");
        try (var broker = EmbeddedBroker.start(new EmbeddedBroker.Config(folder))) {
            Map<String, Object> client = Map.of("bootstrap.servers", broker.bootstrapServers());
            try (var admin = Admin.create(client)) {
                new ClusterSetup(admin).createMissing(topics.definitions(Topics.Partitions.DEFAULT));
            }
            try (var publisher = new RequestPublisher(client, topics, "/test")) {
                publisher.request(new JobId("kept"), new byte[] {1}).get(10, TimeUnit.SECONDS);

                broker.restart();

                publisher.request(new JobId("later"), new byte[] {2}).get(20, TimeUnit.SECONDS);
            }
            try (var reader =
                    TrailReader.open(client, topics.requests(), Optional.empty(), TrailReader.Start.BEGINNING)) {
                assertEquals(
                        List.of("kept", "later"),
                        reader.toEnd().stream().map(TrailRecord::key).toList());
            }
            assertThatAPortInUseIsSaid(broker);
        }
    }

    private void assertThatAPortInUseIsSaid(EmbeddedBroker running) {
        var config = new EmbeddedBroker.Config(folder.resolve("other"), running.port(), Map.of());

        var failure = assertThrows(IllegalStateException.class, () -> EmbeddedBroker.start(config));

        assertTrue(failure.getMessage().contains(running.bootstrapServers()), failure.getMessage());
        assertTrue(failure.getMessage().contains("other"), failure.getMessage());
    }
}
