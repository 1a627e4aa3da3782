package io.zoetrope.worker.intake;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.worker.kafka.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/// The classic connector, set up with the very settings that the product ships for it.
@QuarkusTest
@TestProfile(ClassicChannelTest.Classic.class)
class ClassicChannelTest extends ChannelContract {

    private static final Topics TOPICS = new Topics("channel-classic");

    public static class Classic extends Profile {

        private static final String SHIPPED = "%classic.mp.messaging.incoming.requests.";

        @Override
        Topics topics() {
            return TOPICS;
        }

        @Override
        Map<String, String> connector() {
            var shipped = new Properties();
            try (var file = getClass().getResourceAsStream("/application.properties")) {
                shipped.load(file);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            Map<String, String> settings = new HashMap<>();
            shipped.stringPropertyNames().stream()
                    .filter(name -> name.startsWith(SHIPPED))
                    .forEach(name -> settings.put(name.substring(SHIPPED.length()), shipped.getProperty(name)));
            settings.remove("topic"); // the tests' own
            return settings;
        }
    }

    ClassicChannelTest(ChannelApplication application) {
        super(application, TOPICS);
    }
}
