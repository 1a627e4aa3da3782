package io.zoetrope.worker.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/// One broker for all tests of this JVM, started by the first that asks and stopped when the JVM ends. Tests
/// keep out of each other's way by topics of their own.
public final class SharedBroker {

    /// Test classes may live in several class loaders; a system property is common to all of them.
    private static final String ADDRESS = "test.zoetrope.broker";

    /// Short locks keep the tests short.
    static final Map<String, String> PROPERTIES = Map.of("group.share.min.record.lock.duration.ms", "1000");

    private SharedBroker() {}

    public static String bootstrapServers() {
        synchronized (System.class) {
            String address = System.getProperty(ADDRESS);
            if (address == null) {
                Path folder = temporaryFolder();
                EmbeddedBroker broker = EmbeddedBroker.start(new EmbeddedBroker.Config(folder, 0, PROPERTIES));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    broker.close();
                    delete(folder);
                }));
                address = broker.bootstrapServers();
                System.setProperty(ADDRESS, address);
            }
            return address;
        }
    }

    /// What a client of this broker needs.
    public static Map<String, Object> client() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("zoetrope-broker");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
