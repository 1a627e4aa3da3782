package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.Denoiser;
import io.zoetrope.engine.DenoisingListener;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.sampling.TraceListener;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/// Second stage: text contexts go in, latents of picture and sound come out. Every step is a fact, and may be the one
/// from which another worker goes on.
@ApplicationScoped
class DenoiseStage implements StageWork {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final Intermediates intermediates;
    private final Checkpoints checkpoints;
    private final JobMetrics metrics;
    private final StageThread thread = new StageThread("denoise");

    DenoiseStage(
            StageRunner runner,
            ModelLibrary models,
            Intermediates intermediates,
            Checkpoints checkpoints,
            JobMetrics metrics) {
        this.runner = runner;
        this.models = models;
        this.intermediates = intermediates;
        this.checkpoints = checkpoints;
        this.metrics = metrics;
    }

    Multi<HeldJob> denoise(Multi<HeldJob> jobs) {
        return runner.run(jobs, this, thread);
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    @Override
    public Stage stage() {
        return Stage.DENOISE;
    }

    @Override
    public StageMemory.Use memory(StageMemory memory) {
        return memory.denoise();
    }

    @Override
    public Optional<List<ArtifactReference>> left(HeldJob held) {
        return intermediates.find(held, held.job().latentsKey());
    }

    @Override
    public List<ArtifactReference> run(HeldJob held) {
        Job job = held.job();
        ServedModel model = models.get(job.plan().model().name());
        Denoiser denoiser = model.engine().denoiser();
        byte[] latents;
        try (SafetensorsFile file = intermediates.open(held, job.contextsKey());
                TensorScope _ = TensorScope.open();
                CheckpointWriter writer = checkpoints.writerFor(held)) {
            EncodedPlan contexts = TensorFiles.contexts(file);
            Denoiser.Job work = model.denoising(job.plan(), contexts.given());
            Latents clean = checkpoints.resuming(
                    held,
                    writer,
                    state -> denoiser.requireFit(work, state),
                    from -> denoiser.denoise(
                            work,
                            contexts.positive(),
                            contexts.negative(),
                            from,
                            telling(held, writer),
                            TraceListener.NONE));
            latents = TensorFiles.write(clean, job.planDigest());
        }
        return List.of(intermediates.write(stage(), job.latentsKey(), latents));
    }

    private DenoisingListener telling(HeldJob held, CheckpointWriter writer) {
        return new DenoisingListener() {
            @Override
            public void stepped(Step step) {
                DenoiseStage.this.stepped(step, held, writer);
            }

            @Override
            public void preparing() {
                if (!held.hold().movesOn()) { // what moves on keeps its next step first
                    held.hold().check();
                }
            }
        };
    }

    /// A job that is to stop keeps its last step first, so that nobody has to do it again. After the last step of all
    /// the latents are kept instead.
    private void stepped(DenoisingListener.Step step, HeldJob held, CheckpointWriter writer) {
        metrics.step(step.duration());
        held.hold().stepped(step.step());
        boolean goesOn = held.hold().goesOn();
        if (held.hold().movesOn() || goesOn && !step.isLast() && writer.isDue()) {
            writer.keep(step.state().get());
        }
        String kept = writer.kept() == null ? null : writer.kept().value();
        held.say(header -> new GenerationEvent.StepCompleted(
                header, step.step(), step.steps(), step.sigma(), step.duration(), kept));
        if (!goesOn) {
            writer.flush();
            held.hold().check();
        }
    }
}
