package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.DenoisingState;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.worker.ledger.JobArtifacts;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/// The checkpoints of denoising: what is kept after steps, and the newest one that can be trusted.
@ApplicationScoped
class Checkpoints {

    private static final String CHECKPOINT = "checkpoint-";

    private final JobArtifacts artifacts;
    private final Intermediates intermediates;
    private final WorkerIdentity worker;
    private final Duration every;
    private final ExecutorService background = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("checkpoints").daemon().factory());

    Checkpoints(JobArtifacts artifacts, Intermediates intermediates, WorkerIdentity worker, WorkerConfig config) {
        this.artifacts = artifacts;
        this.intermediates = intermediates;
        this.worker = worker;
        this.every = config.checkpoints().every();
    }

    CheckpointWriter writerFor(HeldJob held) {
        return new CheckpointWriter(artifacts, held.job().id(), held.job().planDigest(), every, background);
    }

    /// Runs a denoising from the newest checkpoint that can be trusted, or from the beginning.
    ///
    /// @param writer    of the run: the checkpoint it begins with is its first
    /// @param requireFit throws an [IllegalArgumentException] if a state is not this job's
    /// @param denoising from a state whose tensors are valid while it runs; from null at the beginning
    <T> T resuming(
            HeldJob held,
            CheckpointWriter writer,
            Consumer<DenoisingState> requireFit,
            Function<DenoisingState, T> denoising) {
        for (ArtifactKey key : newestFirst(held)) {
            Optional<SafetensorsFile> found = intermediates.openIfTrusted(held, key);
            if (found.isEmpty()) {
                continue;
            }
            try (SafetensorsFile file = found.get()) {
                DenoisingState state;
                try {
                    state = TensorFiles.denoisingState(file);
                    requireFit.accept(state);
                } catch (IllegalArgumentException foreign) {
                    intermediates.ignore(held, key, foreign.getMessage());
                    continue;
                }
                writer.beginAt(key);
                held.say(header -> new GenerationEvent.Resumed(header, worker.id(), Stage.DENOISE, state.step()));
                return denoising.apply(state);
            }
        }
        return denoising.apply(null);
    }

    @PreDestroy
    void close() {
        background.shutdown();
    }

    private List<ArtifactKey> newestFirst(HeldJob held) {
        if (!held.hold().isRepeated()) {
            return List.of();
        }
        String ours = "-%s.safetensors".formatted(held.job().planDigest());
        return artifacts.list(ArtifactKey.folderOf(held.job().id()) + CHECKPOINT).stream()
                .filter(key -> key.name().endsWith(ours))
                .sorted(Comparator.comparing(ArtifactKey::value).reversed())
                .toList();
    }
}
