package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/// First stage: prompts, pictures and sounds go in, contexts and latents come out.
@ApplicationScoped
class TextEncodeStage {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final JobArtifacts artifacts;
    private final SourceFiles sources;
    private final Executor handover;
    private final StageThread thread = new StageThread("text-encode");

    TextEncodeStage(
            StageRunner runner, ModelLibrary models, JobArtifacts artifacts, SourceFiles sources, Handover handover) {
        this.runner = runner;
        this.models = models;
        this.artifacts = artifacts;
        this.sources = sources;
        this.handover = handover;
    }

    @Incoming(Channels.PLANNED)
    @Outgoing(Channels.ENCODED)
    Multi<Message<Job>> encode(Multi<Message<Job>> jobs) {
        return runner.run(jobs, Stage.TEXT_ENCODE, thread, handover, StageMemory::textEncode, this::encode);
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    private List<ArtifactReference> encode(Job job, Trail trail) {
        ServedModel model = models.get(job.plan().model().name());
        PlanEncoder encoder = new PlanEncoder(model, sources);
        byte[] contexts;
        try (TensorScope _ = TensorScope.open()) {
            String prompt = PromptEnhancement.prompt(
                    job.plan(), model.engine().textEncoder().enhancer(), trail::say);
            contexts = TensorFiles.write(encoder.encode(job.plan(), prompt));
        }
        return List.of(artifacts.write(ArtifactKey.contextsOf(job.id(), job.planDigest()), contexts));
    }
}
