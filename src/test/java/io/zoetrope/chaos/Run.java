package io.zoetrope.chaos;

import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.request.Priority;
import io.zoetrope.worker.kafka.ClusterSetup;
import io.zoetrope.worker.kafka.QueueLag;
import io.zoetrope.worker.kafka.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/// One run: everything is started, loaded, disturbed, left to calm down, stopped, and judged.
final class Run {

    /// @param counts  of the kinds of fault that are wanted
    /// @param minutes how long to go on; empty until jobs and faults are through
    /// @param folder  for data and logs
    record Settings(
            long seed,
            int jobs,
            Map<FaultKind, Integer> counts,
            Chaos.Stages stages,
            Chaos.Store store,
            int workers,
            Optional<Double> minutes,
            Optional<Path> folder) {}

    private static final Duration STALL = Duration.ofMinutes(3);
    private static final Duration CALM = Duration.ofSeconds(90);
    private static final Duration LEAVE = Duration.ofSeconds(30);
    private static final int SAMPLES = 6;
    private static final List<String> ALL_STAGES = List.of("text-encode,denoise,decode");
    private static final List<String> ONE_EACH = List.of("encode", "denoise", "decode", "denoise");

    private final Settings settings;
    private final PrintWriter out;
    private final Path folder;
    private final FaultLog log = new FaultLog();
    private final Instant begin = Instant.now();
    private boolean stalled;

    private Run(Settings settings, PrintWriter out, Path folder) {
        this.settings = settings;
        this.out = out;
        this.folder = folder;
    }

    /// @param command that repeats the run
    /// @return whether the history holds
    static boolean of(Settings settings, String command, PrintWriter out) throws Exception {
        Path folder = Files.createDirectories(settings.folder()
                        .orElseGet(() -> Path.of(
                                "target",
                                "chaos",
                                "seed-%d-%d".formatted(settings.seed(), System.currentTimeMillis()))))
                .toAbsolutePath();
        Run run = new Run(settings, out, folder);
        out.printf(
                "chaos: %d jobs, %d workers, faults %s; logs in %s%n",
                settings.jobs(), settings.workers(), settings.counts(), folder);
        out.flush();
        List<String> wrong = run.run();
        boolean holds = wrong.isEmpty();
        out.printf(
                "%s seed %d: %s in %s%n",
                holds ? "HOLDS" : "BROKEN",
                settings.seed(),
                holds ? "every job has exactly one end, and the right one" : wrong.size() + " things are wrong",
                minutes(Duration.between(run.begin, Instant.now())));
        if (!holds) {
            out.printf("repeat with: %s%nlogs, topics and store: %s%n", command, folder);
        }
        out.flush();
        return holds;
    }

    private List<String> run() throws Exception {
        Path logs = Files.createDirectories(folder.resolve("logs"));
        List<String> wrong = new ArrayList<>();
        try (BrokerProcess broker = BrokerProcess.start(folder.resolve("kafka"), logs.resolve("broker.log"));
                FaultyStore store = store(settings.store(), folder)) {
            try (Admin admin = Admin.create(broker.client())) {
                new ClusterSetup(admin).createMissing(Topics.DEFAULT.definitions(Topics.Partitions.DEFAULT));
            }
            Submitted submitted;
            try (Observer observer = Observer.start(broker.client());
                    Fleet fleet = Fleet.start(fleet(broker, store, logs), observer::forget);
                    Load load = new Load(broker.client(), observer, Sample.some(SAMPLES), "s" + settings.seed())) {
                reference(load, observer);
                disturb(new Lane.World(fleet, observer, broker, store, load, log));
                settle(load, observer);
                if (stalled) {
                    wrong.add("no job has ended for %s while there were jobs to do".formatted(minutes(STALL)));
                }
                wrong.addAll(queues(broker));
                boolean repeats = settings.counts().keySet().stream().anyMatch(FaultKind::repeatsWork);
                submitted = new Submitted(settings.store(), new History.Rules(!repeats, !repeats), load.submissions());
                submitted.write(folder);
                log.late().forEach(worker -> wrong.add("worker %s did not leave within 30 s".formatted(worker)));
                int late = fleet.leave(LEAVE);
                if (late > 0) {
                    wrong.add("%d workers did not leave within %s".formatted(late, LEAVE));
                }
                out.printf(
                        "%d starts of workers, %d ended by themselves; median start %d ms%n",
                        fleet.starts().size(),
                        fleet.endedByThemselves(),
                        fleet.starts().stream()
                                .sorted()
                                .toList()
                                .get(fleet.starts().size() / 2)
                                .toMillis());
            }
            wrong.addAll(judge(broker, store, submitted));
        }
        return wrong;
    }

    private static FaultyStore store(Chaos.Store kind, Path folder) throws Exception {
        return switch (kind) {
            case FOLDER -> FaultyFolder.create(folder);
            case S3 -> FaultyBucket.create(folder);
        };
    }

    private Fleet.Config fleet(BrokerProcess broker, FaultyStore store, Path logs) throws IOException {
        Map<String, String> keys = new HashMap<>(store.settings());
        keys.put("kafka.bootstrap.servers", broker.bootstrapServers());
        keys.put(
                "zoetrope.models.folder",
                System.getProperty(
                        "zoetrope.models", Path.of("models").toAbsolutePath().toString()));
        keys.put("zoetrope.engine.threads", "1");
        keys.put("zoetrope.engine.device", "cpu");
        keys.put("zoetrope.checkpoints.every", "0s");
        List<String> stages = new ArrayList<>();
        for (int number = 0; number < settings.workers(); number++) {
            List<String> form = settings.stages() == Chaos.Stages.ALL ? ALL_STAGES : ONE_EACH;
            stages.add(form.get(number % form.size()));
        }
        return new Fleet.Config(stages, keys, store.environment(), logs);
    }

    /// Each request once, undisturbed: what all later ones are held against.
    private void reference(Load load, Observer observer) throws InterruptedException {
        load.run(SAMPLES, () -> load.count() >= SAMPLES);
        Instant deadline = Instant.now().plus(Duration.ofMinutes(3));
        while (!load.unfinished().isEmpty()) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("undisturbed workers do not end their jobs; see " + folder);
            }
            Thread.sleep(100);
        }
        out.printf("%s: %d undisturbed jobs have ended%n", elapsed(), observer.endedCount());
        out.flush();
    }

    private void disturb(Lane.World world) throws InterruptedException {
        Instant deadline = settings.minutes()
                .map(minutes -> Instant.now().plusMillis((long) (minutes * 60_000)))
                .orElse(Instant.MAX);
        List<Thread> lanes = new ArrayList<>();
        settings.counts()
                .forEach((kind, count) -> lanes.add(Thread.ofPlatform()
                        .name("lane-" + kind.label())
                        .daemon()
                        .start(() -> {
                            try {
                                new Lane(world, kind, new FaultPlan(settings.seed(), kind, Sample.STEPS))
                                        .run(count, deadline);
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        })));
        Instant[] next = {Instant.now().plusSeconds(20)};
        world.load().run(2 * settings.workers() + 2, () -> {
            if (Instant.now().isAfter(next[0])) {
                next[0] = Instant.now().plusSeconds(20);
                progress(world);
            }
            if (world.observer().sinceLastEnd().compareTo(STALL) > 0) {
                stalled = true;
                return true;
            }
            boolean jobsDone = settings.minutes().isPresent()
                    ? Instant.now().isAfter(deadline)
                    : world.load().count() >= settings.jobs();
            return jobsDone && lanes.stream().noneMatch(Thread::isAlive);
        });
        if (stalled) {
            lanes.forEach(Thread::interrupt);
        }
        for (Thread lane : lanes) {
            lane.join();
        }
        progress(world);
    }

    private void progress(Lane.World world) {
        StringBuilder line = new StringBuilder();
        settings.counts().keySet().forEach(kind -> line.append(" %s %d".formatted(kind.label(), log.count(kind))));
        out.printf(
                "%s: %d jobs, %d ended;%s%n",
                elapsed(), world.load().count(), world.observer().endedCount(), line);
        out.flush();
    }

    /// Until all jobs have ended, or nothing ends any more.
    private void settle(Load load, Observer observer) throws InterruptedException {
        while (!load.unfinished().isEmpty() && observer.sinceLastEnd().compareTo(CALM) < 0) {
            Thread.sleep(100);
        }
        out.printf("%s: %d of %d jobs have ended%n", elapsed(), observer.endedCount(), load.count());
        out.flush();
    }

    /// No record is left in any queue.
    private List<String> queues(BrokerProcess broker) throws InterruptedException {
        Map<Topics.Queue, String> queues = new EnumMap<>(Map.of(Topics.Queue.REQUESTS, "zoetrope-workers"));
        if (settings.stages() == Chaos.Stages.SPLIT) {
            queues.put(Topics.Queue.ENCODED, "zoetrope-denoisers");
            queues.put(Topics.Queue.DENOISED, "zoetrope-decoders");
        }
        Map<String, String> groups = new HashMap<>();
        queues.forEach((queue, group) -> {
            for (Priority priority : Priority.values()) {
                String suffix = priority == Priority.NORMAL ? "" : "-" + priority.label();
                groups.put(Topics.DEFAULT.queue(queue, priority), group + suffix);
            }
        });
        List<String> wrong = List.of();
        Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
        try (Admin admin = Admin.create(broker.client())) {
            QueueLag lag = new QueueLag(admin);
            do {
                Thread.sleep(500);
                List<String> left = new ArrayList<>();
                groups.forEach((topic, group) -> {
                    try {
                        long unsettled = lag.unsettled(group, topic);
                        if (unsettled > 0) {
                            left.add("%d records are left in %s".formatted(unsettled, topic));
                        }
                    } catch (KafkaException failure) {
                        left.add("queue %s: %s".formatted(topic, failure.getMessage()));
                    }
                });
                wrong = left;
            } while (!wrong.isEmpty() && Instant.now().isBefore(deadline));
        }
        return wrong;
    }

    private List<String> judge(BrokerProcess broker, FaultyStore store, Submitted submitted) {
        try (ArtifactStore left = store.open()) {
            Evidence evidence = Evidence.read(broker.client(), left);
            Report report = new Report(out);
            report.faults(log);
            List<Place> missed = report.places(log, evidence.facts(), Sample.STEPS);
            List<String> wrong = judge(evidence, left, submitted, report);
            if (store.abandoned() > 0) {
                out.printf("hidden files of writers that died: %d%n", store.abandoned());
            }
            if (settings.counts().containsKey(FaultKind.KILL)) {
                out.println(
                        missed.isEmpty()
                                ? "every place was hit"
                                : "not hit: " + missed.stream().map(Place::name).toList());
            }
            return wrong;
        }
    }

    private static List<String> judge(Evidence evidence, ArtifactStore store, Submitted submitted, Report report) {
        History history = History.judge(evidence, store, submitted.submissions(), submitted.rules());
        List<String> wrong =
                history.findings().stream().map(History.Finding::toString).toList();
        report.history(history);
        report.findings(wrong);
        return wrong;
    }

    /// Judges what an earlier run has left in its folder.
    static boolean again(Path folder, PrintWriter out) throws Exception {
        Submitted submitted = Submitted.read(folder);
        try (BrokerProcess broker = BrokerProcess.start(
                        folder.resolve("kafka").toAbsolutePath(), folder.resolve("logs/broker.log"));
                FaultyStore store = store(submitted.store(), folder.toAbsolutePath());
                ArtifactStore left = store.open()) {
            List<String> wrong = judge(Evidence.read(broker.client(), left), left, submitted, new Report(out));
            out.println(wrong.isEmpty() ? "HOLDS" : "BROKEN");
            out.flush();
            return wrong.isEmpty();
        }
    }

    private String elapsed() {
        return minutes(Duration.between(begin, Instant.now()));
    }

    private static String minutes(Duration duration) {
        return "%d:%02d".formatted(duration.toMinutes(), duration.toSecondsPart());
    }
}
