package io.zoetrope.worker;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.CloudEvent;
import io.zoetrope.audit.DeadLetter;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.JobSummary;
import io.zoetrope.request.JobId;
import io.zoetrope.request.Priority;
import io.zoetrope.worker.intake.ShareGroupConnector;
import io.zoetrope.worker.kafka.LaneNames;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.ledger.JobArtifacts;
import io.zoetrope.worker.reaper.BrokerQueues;
import io.zoetrope.worker.reaper.JobEnds;
import io.zoetrope.worker.reaper.JobStore;
import io.zoetrope.worker.reaper.Outlet;
import io.zoetrope.worker.reaper.Reaper;
import io.zoetrope.worker.reaper.ReaperSettings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.config.Config;

/// Runs this worker's share of the reaper, with the worker's own store, voice and endings.
@ApplicationScoped
class JobReaper {

    private static final List<String> QUEUES = List.of(Channels.REQUESTS, Channels.ENCODED, Channels.DENOISED);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final WorkerConfig.Reaper settings;
    private final Config config;
    private final Topics topics;
    private final JobArtifacts artifacts;
    private final Ending ending;
    private final Publisher publisher;
    private final WorkerIdentity worker;
    private final Clock clock;
    private final Map<String, Object> client;
    private Reaper reaper; // null unless it runs
    private BrokerQueues queues;

    JobReaper(
            WorkerConfig settings,
            Config config,
            JobArtifacts artifacts,
            Ending ending,
            Publisher publisher,
            WorkerIdentity worker,
            Clock clock,
            @Any @Identifier("default-kafka-broker") Instance<Map<String, Object>> client) {
        this.settings = settings.reaper();
        this.config = config;
        this.topics = new Topics(settings.topics());
        this.artifacts = artifacts;
        this.ending = ending;
        this.publisher = publisher;
        this.worker = worker;
        this.clock = clock;
        this.client = client.isResolvable() ? client.get() : Map.of();
    }

    void start(@Observes StartupEvent event) {
        if (!settings.enabled()) {
            return;
        }
        Map<String, String> groups = groups();
        boolean shared = setting(Channels.REQUESTS, "connector")
                .filter(ShareGroupConnector.NAME::equals)
                .isPresent();
        queues = new BrokerQueues(
                () -> Admin.create(only(AdminClientConfig.configNames())),
                shared ? BrokerQueues.Kind.SHARE : BrokerQueues.Kind.CLASSIC,
                topic -> Optional.ofNullable(groups.get(topic)),
                groups.keySet().stream()
                        .filter(topic -> !topic.startsWith(topics.requests()))
                        .toList());
        reaper = Reaper.start(
                new ReaperSettings(settings.silence(), settings.attempts(), ReaperSettings.MOST),
                only(ConsumerConfig.configNames()),
                setting(Channels.REQUESTS, "group.id").orElse(Channels.REQUESTS) + "-reaper",
                topics.state(),
                worker.id(),
                new Store(),
                new Ends(),
                new Voice(),
                queues,
                clock);
    }

    void stop(@Observes ShutdownEvent event) {
        if (reaper != null) {
            reaper.close();
            queues.close();
        }
    }

    /// Which group reads which topic: each class of priority has a topic and a group of its own.
    private Map<String, String> groups() {
        Map<String, String> groups = new HashMap<>();
        for (String channel : QUEUES) {
            String topic = setting(channel, "topic").orElse(channel);
            String group = setting(channel, "group.id").orElse(channel);
            for (Priority priority : Priority.values()) {
                groups.put(LaneNames.topic(topic, priority), LaneNames.group(group, priority));
            }
        }
        return groups;
    }

    private Optional<String> setting(String channel, String name) {
        return config.getOptionalValue("mp.messaging.incoming.%s.%s".formatted(channel, name), String.class);
    }

    private Map<String, Object> only(Set<String> names) {
        Map<String, Object> chosen = new HashMap<>(client);
        chosen.keySet().retainAll(names);
        chosen.putIfAbsent(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.getValue("kafka.bootstrap.servers", String.class));
        return chosen;
    }

    private static void await(Uni<Void> sent) {
        sent.await().atMost(PATIENCE);
    }

    private final class Store implements JobStore {

        @Override
        public Optional<byte[]> find(ArtifactKey key) {
            return artifacts.find(key);
        }

        @Override
        public boolean writeIfAbsent(ArtifactKey key, byte[] content) {
            return artifacts.writeIfAbsent(key, content);
        }

        @Override
        public List<ArtifactKey> list(String prefix) {
            return artifacts.list(prefix);
        }
    }

    private final class Ends implements JobEnds {

        @Override
        public Optional<GenerationEvent> of(JobId job) {
            return ending.of(job);
        }

        @Override
        public void end(GenerationEvent fact, JobSummary before, Map<String, String> metadata) {
            await(ending.end(fact, before, metadata));
        }

        @Override
        public void announce(GenerationEvent end, JobSummary before, Map<String, String> metadata) {
            await(ending.announce(end, before, metadata));
        }

        @Override
        public void tidyIfEnded(JobId job) {
            ending.tidyIfEnded(job);
        }
    }

    private final class Voice implements Outlet {

        @Override
        public void fact(GenerationEvent fact) {
            await(publisher.fact(fact));
        }

        @Override
        public void deadLetter(DeadLetter letter) {
            await(publisher.deadLetter(letter));
        }

        @Override
        public void request(String topic, CloudEvent request, Map<String, String> headers) {
            RecordHeaders all = new RecordHeaders();
            request.headers().forEach((name, value) -> all.add(name, value.getBytes(StandardCharsets.UTF_8)));
            headers.forEach((name, value) -> all.add(name, value.getBytes(StandardCharsets.UTF_8)));
            await(publisher.again(topic, request.subject(), all, request.data()));
        }
    }
}
