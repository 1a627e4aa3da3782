package io.zoetrope.worker.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;

/// What a share group must be told before its first consumer comes: left alone, it starts at the end of the
/// topic and what was published earlier is never seen.
///
/// @param offsetReset  where an unused group starts, `earliest` or `latest`
/// @param lockDuration how long a record stays with a consumer that says nothing; empty for the broker's
///                     default, 30 s. It allows 15 to 60 s, or what its
///                     `group.share.(min|max).record.lock.duration.ms` say
public record ShareGroupSettings(String offsetReset, Optional<Duration> lockDuration) {

    private static final List<String> OFFSET_RESETS = List.of("earliest", "latest");

    /// From the first record on, with the broker's own lock duration.
    public static final ShareGroupSettings EARLIEST = new ShareGroupSettings("earliest", Optional.empty());

    public ShareGroupSettings {
        if (!OFFSET_RESETS.contains(offsetReset)) {
            throw new IllegalArgumentException("offset reset '%s', expected %s".formatted(offsetReset, OFFSET_RESETS));
        }
        lockDuration.filter(duration -> duration.toMillis() <= 0).ifPresent(duration -> {
            throw new IllegalArgumentException("lock duration %s, expected more than 0".formatted(duration));
        });
    }

    /// The same with another lock duration.
    public ShareGroupSettings withLockDuration(Duration duration) {
        return new ShareGroupSettings(offsetReset, Optional.of(duration));
    }

    List<AlterConfigOp> changes() {
        var offset = set("share.auto.offset.reset", offsetReset);
        return lockDuration
                .map(duration -> List.of(offset, set("share.record.lock.duration.ms", "" + duration.toMillis())))
                .orElse(List.of(offset));
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
