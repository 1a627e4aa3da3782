package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.text.TextEncoder;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/// First stage: prompts go in, text contexts come out.
@ApplicationScoped
class TextEncodeStage {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final JobArtifacts artifacts;
    private final Executor handover;
    private final StageThread thread = new StageThread("text-encode");

    TextEncodeStage(StageRunner runner, ModelLibrary models, JobArtifacts artifacts, Handover handover) {
        this.runner = runner;
        this.models = models;
        this.artifacts = artifacts;
        this.handover = handover;
    }

    @Incoming(Channels.PLANNED)
    @Outgoing(Channels.ENCODED)
    Multi<Message<Job>> encode(Multi<Message<Job>> jobs) {
        return runner.run(jobs, Stage.TEXT_ENCODE, thread, handover, StageMemory::textEncode, (job, _) -> encode(job));
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    private List<ArtifactReference> encode(Job job) {
        TextEncoder encoder = models.get(job.plan().model().name()).engine().textEncoder();
        byte[] contexts;
        try (TensorScope _ = TensorScope.open()) {
            contexts = TensorFiles.write(new TensorFiles.Contexts(
                    encoder.encode(job.plan().prompt()),
                    job.plan().guidance().contexts() > 1
                            ? encoder.encode(job.plan().negativePrompt())
                            : null));
        }
        return List.of(artifacts.write(ArtifactKey.contextsOf(job.id(), job.planDigest()), contexts));
    }
}
