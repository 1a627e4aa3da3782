package io.zoetrope.bench;

import io.zoetrope.audit.EventCodec;
import io.zoetrope.audit.EventType;
import io.zoetrope.bench.Alternation.Spent;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.kafka.EmbeddedBroker;
import io.zoetrope.worker.kafka.RequestPublisher;
import io.zoetrope.worker.kafka.Topics;
import io.zoetrope.worker.kafka.TrailReader;
import io.zoetrope.worker.kafka.TrailRecord;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// What a worker costs around the engine: a broker in this process, workers in processes of their own, and jobs whose
/// engine's work is as small as a valid request allows.
public final class WorkerBench implements AutoCloseable {

    /// @param home    of the program: launcher and models
    /// @param jobs    for a measurement of throughput and of memory
    /// @param probes  jobs one after the other, for the latency, after as many that do not count
    /// @param slots   jobs that a worker holds at once; empty for the worker's own choice
    /// @param workers numbers of processes, ascending
    /// @param threads of the CPU operators
    public record Config(Path home, int jobs, int probes, Optional<Integer> slots, List<Integer> workers, int threads) {

        public Config {
            workers = List.copyOf(workers);
            if (jobs < 1 || probes < 1 || workers.isEmpty() || workers.getFirst() < 1) {
                throw new IllegalArgumentException(
                        "jobs %d, probes %d, workers %s, expected at least 1 of each".formatted(jobs, probes, workers));
            }
        }
    }

    /// One job after the other, in seconds.
    ///
    /// @param total  median from publishing to reading the end
    /// @param added  median of the total without the stages' own times
    /// @param engine median of the same request by the bare engine
    /// @param engineProcessor the same as processor time
    /// @param parts  medians of the parts of the way
    public record Latency(
            int jobs,
            double total,
            double added,
            double worst,
            double engine,
            double engineProcessor,
            SequencedMap<String, Double> parts) {

        /// Median of the total beyond the bare engine.
        public double overEngine() {
            return total - engine;
        }
    }

    /// Many jobs at once.
    ///
    /// @param seconds         from the first request to the last end
    /// @param records         facts, states and results together, each acknowledged by the broker
    /// @param workerProcessor seconds of processor time of all workers
    /// @param brokerProcessor the same of this process, with the broker and whoever counts
    public record Throughput(
            int workers,
            int slots,
            int jobs,
            double seconds,
            long facts,
            long records,
            double workerProcessor,
            double brokerProcessor) {}

    /// A worker with an empty queue, and with a long one, at its least in several looks.
    ///
    /// @param queued    requests that waited when it was looked at
    /// @param running   jobs in hand then
    /// @param heapBefore live bytes of the heap
    /// @param residentBefore resident bytes that belong to no file; empty where the system does not tell
    public record Memory(
            int queued,
            int running,
            long heapBefore,
            long heapAfter,
            OptionalLong residentBefore,
            OptionalLong residentAfter) {

        /// Bytes of live heap for each waiting request, if they were theirs.
        public double heapPerQueued() {
            return (heapAfter - heapBefore) / (double) queued;
        }

        /// Bytes of live heap for each job in hand, if they were theirs.
        public double heapPerRunning() {
            return (heapAfter - heapBefore) / (double) running;
        }
    }

    /// @param load of the machine when it began
    public record Figures(double load, Latency latency, List<Throughput> throughput, Memory memory) {}

    /// The sound of one frame, in two steps, without guidance.
    private static final byte[] REQUEST = """
            {"prompt": "A tone.", "seed": "1", "steps": 2, "frames": 1, "fps": 24,
             "guidance": {"audio": {"cfg": 1}}, "output": {"sound_only": true}}""".getBytes(StandardCharsets.UTF_8);

    private static final String MODELS = "models";
    private static final String MODEL = "smallest";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int DEFAULT_SLOTS = 3;

    /// Jobs after which the compilers of worker and broker have little left to do. After 600 a lone job still
    /// took 37 ms, and 21 ms when 1600 more had come.
    private static final int WARM_UP = 3000;

    private static final int LOOKS_AT_THE_HEAP = 5;

    private final Config config;
    private final Path folder;
    private final EmbeddedBroker broker;
    private final Map<String, Object> client;
    private final HttpClient http = HttpClient.newHttpClient();
    private final EventCodec codec = new EventCodec(URI.create("/zoetrope/bench"));
    private final List<BenchedWorker> workers = new ArrayList<>();
    private int rounds;

    private WorkerBench(Config config, Path folder, EmbeddedBroker broker) {
        this.config = config;
        this.folder = folder;
        this.broker = broker;
        this.client = Map.of("bootstrap.servers", broker.bootstrapServers());
    }

    /// JSON of the smallest valid request.
    static byte[] request() {
        return REQUEST.clone();
    }

    /// Starts the broker.
    ///
    /// @param folder for everything that is written; stays the caller's to remove
    public static WorkerBench prepare(Path folder, Config config) throws IOException {
        Device.useThreads(config.threads());
        SmallestModel.write(
                config.home().resolve("models/demo"), folder.resolve(MODELS).resolve(MODEL));
        return new WorkerBench(
                config, folder, EmbeddedBroker.start(new EmbeddedBroker.Config(folder.resolve("kafka"))));
    }

    /// Measures everything.
    public Figures measure() throws IOException, InterruptedException {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        have(config.workers().getFirst());
        try (RequestPublisher publisher = new RequestPublisher(client, Topics.DEFAULT, "/zoetrope/bench")) {
            round(publisher, Math.max(WARM_UP, config.jobs()));
            probe(publisher); // does not count either: a lone job goes other ways than one of many
            Latency latency = latency(probe(publisher));
            Memory memory = memory(publisher);
            List<Throughput> throughput = new ArrayList<>();
            for (int number : config.workers()) {
                if (have(number)) {
                    round(publisher, config.jobs());
                }
                throughput.add(throughput(publisher));
            }
            return new Figures(load, latency, throughput, memory);
        }
    }

    /// @return whether workers were started
    private boolean have(int number) throws IOException, InterruptedException {
        int before = workers.size();
        while (workers.size() < number) {
            Map<String, String> settings = new HashMap<>(Map.of(
                    "zoetrope.worker.id",
                    "bench-" + workers.size(),
                    "zoetrope.engine.device",
                    "cpu",
                    "zoetrope.engine.threads",
                    Integer.toString(config.threads()),
                    "zoetrope.models.folder",
                    folder.resolve(MODELS).toString(),
                    "zoetrope.models.by-default",
                    MODEL,
                    "zoetrope.artifacts.folder.path",
                    folder.resolve("artifacts").toString()));
            config.slots()
                    .ifPresent(slots -> settings.put("mp.messaging.incoming.requests.slots", Integer.toString(slots)));
            Path log = folder.resolve("worker-%d.log".formatted(workers.size()));
            workers.add(BenchedWorker.start(
                    config.home().resolve("zoetrope"), broker.bootstrapServers(), log, settings, http));
        }
        for (BenchedWorker worker : workers.subList(before, number)) {
            worker.awaitReady();
        }
        return number > before;
    }

    private List<JobTimes> probe(RequestPublisher publisher) throws InterruptedException {
        List<JobTimes> times = new ArrayList<>();
        try (TrailReader reader = open(Topics.DEFAULT.events())) {
            for (JobId job : names(config.probes())) {
                Thread.sleep(PAUSE);
                JobTimes time = new JobTimes(Instant.now());
                var _ = publisher.request(job, REQUEST).join();
                boolean ended = reader.follow(
                        _ -> {}, record -> time.hear(codec.read(record.cloudEvent()), Instant.now()), PATIENCE);
                requireEnded(ended);
                times.add(time);
            }
        }
        return times;
    }

    private Latency latency(List<JobTimes> times) throws IOException {
        List<Spent> engine;
        try (BareEngine bare = BareEngine.load(folder.resolve(MODELS).resolve(MODEL), REQUEST)) {
            engine = bare.measure(config.probes(), folder);
        }
        List<Double> added =
                times.stream().map(time -> time.total() - time.stages()).toList();
        return new Latency(
                times.size(),
                Alternation.median(times.stream().map(JobTimes::total).toList()),
                Alternation.median(added),
                added.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
                Alternation.median(engine.stream().map(Spent::seconds).toList()),
                Alternation.median(engine.stream().map(Spent::processorSeconds).toList()),
                JobTimes.medians(times));
    }

    private Memory memory(RequestPublisher publisher) throws IOException, InterruptedException {
        BenchedWorker worker = workers.getFirst();
        long heapBefore = leastHeap(worker);
        OptionalLong residentBefore = worker.residentBytes();
        try (TrailReader reader = open(Topics.DEFAULT.events())) {
            List<JobId> jobs = names(config.jobs());
            publish(publisher, jobs);
            long heapAfter = leastHeap(worker);
            OptionalLong residentAfter = worker.residentBytes();
            int ended = (int) reader.toEnd().stream().filter(WorkerBench::isEnd).count();
            await(reader, jobs.size() - ended);
            int running = config.slots().orElse(DEFAULT_SLOTS);
            int queued = Math.max(1, jobs.size() - ended - running);
            return new Memory(queued, running, heapBefore, heapAfter, residentBefore, residentAfter);
        }
    }

    /// What is thrown away between a collection and the look at the heap is in the way of a single look.
    private static long leastHeap(BenchedWorker worker) throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int look = 0; look < LOOKS_AT_THE_HEAP; look++) {
            least = Math.min(least, worker.liveHeap());
        }
        return least;
    }

    private Throughput throughput(RequestPublisher publisher) throws IOException {
        double worked = processorSeconds();
        double here = ownProcessorSeconds();
        try (TrailReader states = open(Topics.DEFAULT.state());
                TrailReader results = open(Topics.DEFAULT.results())) {
            Round round = round(publisher, config.jobs());
            double workerProcessor = processorSeconds() - worked;
            double brokerProcessor = ownProcessorSeconds() - here;
            long[] others = {0};
            states.toEnd(_ -> others[0]++);
            results.toEnd(_ -> others[0]++);
            return new Throughput(
                    workers.size(),
                    config.slots().orElse(DEFAULT_SLOTS),
                    config.jobs(),
                    round.seconds(),
                    round.facts(),
                    round.facts() + others[0],
                    workerProcessor,
                    brokerProcessor);
        }
    }

    /// @param seconds from the first request to the last end
    private record Round(double seconds, long facts) {}

    private Round round(RequestPublisher publisher, int count) {
        try (TrailReader reader = open(Topics.DEFAULT.events())) {
            long begin = System.nanoTime();
            publish(publisher, names(count));
            long facts = await(reader, count);
            return new Round((System.nanoTime() - begin) / 1e9, facts);
        }
    }

    /// @return how many facts were read until so many jobs had ended
    private long await(TrailReader reader, int jobs) {
        long[] heard = {0, 0};
        if (jobs > 0) {
            requireEnded(reader.follow(
                    record -> {
                        heard[0]++;
                        heard[1] += isEnd(record) ? 1 : 0;
                    },
                    _ -> heard[1] == jobs,
                    PATIENCE));
        }
        return heard[0];
    }

    private void requireEnded(boolean ended) {
        if (!ended) {
            throw new IllegalStateException(
                    "jobs have not ended within %s; workers alive: %d of %d; the first one's log is %s"
                            .formatted(
                                    PATIENCE,
                                    workers.stream()
                                            .filter(BenchedWorker::isAlive)
                                            .count(),
                                    workers.size(),
                                    workers.getFirst().log()));
        }
    }

    private static boolean isEnd(TrailRecord fact) {
        EventType type = fact.header("ce_type").flatMap(EventType::named).orElseThrow();
        return switch (type) {
            case COMPLETED -> true;
            case FAILED, REJECTED, CANCELLED ->
                throw new IllegalStateException("job %s ended as %s".formatted(fact.key(), type.word()));
            default -> false;
        };
    }

    private static void publish(RequestPublisher publisher, List<JobId> jobs) {
        jobs.stream().map(job -> publisher.request(job, REQUEST)).toList().forEach(sent -> sent.join());
    }

    private List<JobId> names(int count) {
        int round = rounds++;
        return IntStream.range(0, count)
                .mapToObj(number -> new JobId("bench-%d-%d".formatted(round, number)))
                .toList();
    }

    private TrailReader open(String topic) {
        return TrailReader.open(client, topic, Optional.empty(), TrailReader.Start.NOW);
    }

    private double processorSeconds() {
        return workers.stream().mapToDouble(BenchedWorker::processorSeconds).sum();
    }

    private static double ownProcessorSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e9;
    }

    /// Ends the workers and the broker.
    @Override
    public void close() {
        try (broker;
                http) {
            workers.parallelStream().forEach(BenchedWorker::close);
        }
    }
}
