package io.zoetrope.worker;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.zoetrope.audit.Stage;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/// The stages of this worker, joined: in memory to the next stage if it is here, through Kafka if it is not.
///
/// ```text
/// requests ─► reception ─► text-encode ─► denoise ─► decode ─► completion
///                              │  ▲          │  ▲
///                              ▼  │          ▼  │
///                             encoded       denoised        (topics, where a stage is missing here)
/// ```
@Liveness
@ApplicationScoped
class Pipeline implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(Pipeline.class);

    private final Joints joints;
    private final Reception reception;
    private final StageReception stageReception;
    private final TextEncodeStage textEncode;
    private final DenoiseStage denoise;
    private final DecodeStage decode;
    private final StageHandover handover;
    private final Completion completion;
    private final Multi<Message<byte[]>> requests;
    private final Multi<Message<byte[]>> encoded;
    private final Multi<Message<byte[]>> denoised;
    private volatile Throwable broken;

    Pipeline(
            WorkerConfig config,
            Reception reception,
            StageReception stageReception,
            TextEncodeStage textEncode,
            DenoiseStage denoise,
            DecodeStage decode,
            StageHandover handover,
            Completion completion,
            @Channel(Channels.REQUESTS) Multi<Message<byte[]>> requests,
            @Channel(Channels.ENCODED) Multi<Message<byte[]>> encoded,
            @Channel(Channels.DENOISED) Multi<Message<byte[]>> denoised) {
        this.joints = Joints.of(config);
        this.reception = reception;
        this.stageReception = stageReception;
        this.textEncode = textEncode;
        this.denoise = denoise;
        this.decode = decode;
        this.handover = handover;
        this.completion = completion;
        this.requests = requests;
        this.encoded = encoded;
        this.denoised = denoised;
    }

    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_AFTER) StartupEvent event) {
        Multi<HeldJob> jobs = null; // of the stage before, if it is joined to this one in memory
        for (Stage stage : Stage.values()) {
            if (jobs != null && !joints.inMemory(stage)) {
                run(handover.handOver(jobs, stage));
                jobs = null;
            }
            if (joints.here().contains(stage)) {
                jobs = through(stage, jobs == null ? arrivals(stage) : jobs);
            }
        }
        if (jobs != null) {
            run(completion.complete(jobs));
        }
        LOG.infof("stages: %s", joints.here());
    }

    private Multi<HeldJob> arrivals(Stage stage) {
        return switch (stage) {
            case TEXT_ENCODE -> reception.receive(requests);
            case DENOISE -> stageReception.receive(stage, encoded);
            case DECODE -> stageReception.receive(stage, denoised);
        };
    }

    private Multi<HeldJob> through(Stage stage, Multi<HeldJob> jobs) {
        return switch (stage) {
            case TEXT_ENCODE -> textEncode.encode(jobs);
            case DENOISE -> denoise.denoise(jobs);
            case DECODE -> decode.decode(jobs);
        };
    }

    /// No job's failure ends a stream. If one ends all the same, the worker must be replaced.
    private void run(Multi<HeldJob> jobs) {
        jobs.subscribe().with(_ -> {}, failure -> {
            broken = failure;
            LOG.errorf(failure, "the stream of jobs has broken off");
        });
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("stages")
                .status(broken == null)
                .withData("stages", joints.here().toString())
                .build();
    }
}
