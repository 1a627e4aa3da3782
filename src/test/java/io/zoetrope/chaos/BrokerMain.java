package io.zoetrope.chaos;

import io.zoetrope.worker.kafka.EmbeddedBroker;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/// A broker in a process of its own, until its standard input ends: it never outlives the harness.
final class BrokerMain {

    /// A job of the tiny model takes seconds, so locks and sessions are as short as this machine allows.
    private static final Map<String, String> SHORT_LIMITS = Map.ofEntries(
            Map.entry("broker.heartbeat.interval.ms", "300"),
            Map.entry("broker.session.timeout.ms", "1500"),
            Map.entry("group.share.min.record.lock.duration.ms", "1000"),
            Map.entry("group.share.record.lock.duration.ms", "" + BrokerProcess.RECORD_LOCK.toMillis()),
            Map.entry("group.share.min.session.timeout.ms", "1000"),
            Map.entry("group.share.session.timeout.ms", "6000"),
            Map.entry("group.min.session.timeout.ms", "1000"),
            Map.entry("group.consumer.min.session.timeout.ms", "1000"),
            Map.entry("group.consumer.session.timeout.ms", "6000"),
            Map.entry("group.consumer.min.heartbeat.interval.ms", "500"),
            Map.entry("group.consumer.heartbeat.interval.ms", "1000"));

    private BrokerMain() {}

    /// @param arguments folder and port
    public static void main(String... arguments) throws Exception {
        var config = new EmbeddedBroker.Config(Path.of(arguments[0]), Integer.parseInt(arguments[1]), SHORT_LIMITS);
        EmbeddedBroker broker = EmbeddedBroker.start(config);
        System.out.println(BrokerProcess.READY);
        var _ = System.in.transferTo(OutputStream.nullOutputStream());
        broker.close();
        System.exit(0);
    }
}
