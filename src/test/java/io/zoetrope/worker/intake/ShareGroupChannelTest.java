package io.zoetrope.worker.intake;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.zoetrope.worker.kafka.Topics;
import java.util.Map;

@QuarkusTest
@TestProfile(ShareGroupChannelTest.ShareGroup.class)
class ShareGroupChannelTest extends ChannelContract {

    private static final Topics TOPICS = new Topics("channel-share");

    public static class ShareGroup extends Profile {

        @Override
        Topics topics() {
            return TOPICS;
        }

        @Override
        Map<String, String> connector() {
            return Map.of("connector", ShareGroupConnector.NAME, "slots", "2");
        }
    }

    ShareGroupChannelTest(ChannelApplication application) {
        super(application, TOPICS);
    }
}
