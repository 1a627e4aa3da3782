package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.sampling.StepListener;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/// Second stage: text contexts go in, latents of picture and sound come out. Every step is a fact.
@ApplicationScoped
class DenoiseStage {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final JobArtifacts artifacts;
    private final JobMetrics metrics;
    private final Executor handover;
    private final StageThread thread = new StageThread("denoise");

    DenoiseStage(
            StageRunner runner, ModelLibrary models, JobArtifacts artifacts, JobMetrics metrics, Handover handover) {
        this.runner = runner;
        this.models = models;
        this.artifacts = artifacts;
        this.metrics = metrics;
        this.handover = handover;
    }

    @Incoming(Channels.ENCODED)
    @Outgoing(Channels.DENOISED)
    Multi<Message<Job>> denoise(Multi<Message<Job>> jobs) {
        return runner.run(jobs, Stage.DENOISE, thread, handover, StageMemory::denoise, this::denoise);
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    private List<ArtifactReference> denoise(Job job, Trail trail) {
        ServedModel model = models.get(job.plan().model().name());
        Denoiser denoiser = model.engine().denoiser();
        ArtifactKey key = ArtifactKey.contextsOf(job.id(), job.planDigest());
        byte[] latents;
        try (SafetensorsFile file = SafetensorsFile.of(Path.of(key.value()), artifacts.read(key));
                TensorScope _ = TensorScope.open()) {
            EncodedPlan contexts = TensorFiles.contexts(file);
            Latents clean = denoiser.denoise(
                    model.denoising(job.plan(), contexts.given()),
                    contexts.positive(),
                    contexts.negative(),
                    telling(trail),
                    TraceListener.NONE);
            latents = TensorFiles.write(clean);
        }
        return List.of(artifacts.write(ArtifactKey.latentsOf(job.id(), job.planDigest()), latents));
    }

    private StepListener telling(Trail trail) {
        return (step, steps, sigma, duration) -> {
            metrics.step(duration);
            trail.say(header -> new GenerationEvent.StepCompleted(header, step, steps, sigma, duration, null));
            return true;
        };
    }
}
