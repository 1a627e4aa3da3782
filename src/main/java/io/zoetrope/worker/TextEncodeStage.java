package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/// First stage: prompts, pictures and sounds go in, contexts and latents come out.
@ApplicationScoped
class TextEncodeStage implements StageWork {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final Intermediates intermediates;
    private final SourceFiles sources;
    private final StageThread thread = new StageThread("text-encode");

    TextEncodeStage(
            StageRunner runner,
            ModelLibrary models,
            Intermediates intermediates,
            SourceFiles sources,
            JobMetrics metrics) {
        this.runner = runner;
        this.models = models;
        this.intermediates = intermediates;
        this.sources = sources;
        models.all().stream()
                .filter(model -> model.contexts() != null)
                .forEach(model -> metrics.watch(model.offered().description().name(), model.contexts()));
    }

    Multi<HeldJob> encode(Multi<HeldJob> jobs) {
        return runner.run(jobs, this, thread);
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    @Override
    public Stage stage() {
        return Stage.TEXT_ENCODE;
    }

    @Override
    public StageMemory.Use memory(StageMemory memory) {
        return memory.textEncode();
    }

    @Override
    public Optional<List<ArtifactReference>> left(HeldJob held) {
        return intermediates.find(held, held.job().contextsKey());
    }

    @Override
    public List<ArtifactReference> run(HeldJob held) {
        Job job = held.job();
        ServedModel model = models.get(job.plan().model().name());
        PlanEncoder encoder = new PlanEncoder(model, sources);
        byte[] contexts;
        try (TensorScope _ = TensorScope.open()) {
            String prompt = PromptEnhancement.prompt(job.plan(), model.engine().textEncoder()::enhancer, held);
            held.hold().check();
            contexts = TensorFiles.write(encoder.encode(job.plan(), prompt), job.planDigest());
        }
        return List.of(intermediates.write(stage(), job.contextsKey(), contexts));
    }
}
