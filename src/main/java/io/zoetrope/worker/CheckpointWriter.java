package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.engine.DenoisingState;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.ledger.JobArtifacts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/// Keeps the state of one run, again and again, while the run goes on. A state's memory is shared with the run, which
/// never writes over it, and is written on another thread; while one is being written none is taken. The one before is
/// removed when a newer one is safe.
public final class CheckpointWriter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(CheckpointWriter.class);

    private final JobArtifacts artifacts;
    private final JobId job;
    private final String planDigest;
    private final Duration every;
    private final Executor background;
    private long lastTaken = System.nanoTime();
    private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private volatile ArtifactKey kept; // null before the first

    /// @param every least time between two checkpoints
    public CheckpointWriter(JobArtifacts artifacts, JobId job, String planDigest, Duration every, Executor background) {
        this.artifacts = artifacts;
        this.job = job;
        this.planDigest = planDigest;
        this.every = every;
        this.background = background;
    }

    /// The newest checkpoint that is safe; null if there is none.
    public ArtifactKey kept() {
        return kept;
    }

    /// The run goes on from a checkpoint, which stays until there is a newer one.
    void beginAt(ArtifactKey checkpoint) {
        kept = checkpoint;
    }

    /// Whether it is time for the next checkpoint, and the last one is written.
    public boolean isDue() {
        return writing.isDone() && System.nanoTime() - lastTaken >= every.toNanos();
    }

    /// Begins to keep a state.
    public void keep(DenoisingState state) {
        lastTaken = System.nanoTime();
        ArtifactKey key = ArtifactKey.checkpointOf(job, planDigest, state.step());
        Map<String, Tensor> tensors = shared(state);
        writing = writing.thenRunAsync(() -> write(key, tensors, state.metadata()), background)
                .whenComplete((_, _) -> tensors.values().forEach(Tensor::close))
                .exceptionally(failure -> {
                    LOG.warnf("checkpoint %s could not be kept: %s", key, Fault.oneLine(failure));
                    return null; // the run goes on; what is lost is a few steps, and only if this worker dies
                });
    }

    /// Waits until what was begun is safe, or known not to be.
    public void flush() {
        writing.join();
    }

    @Override
    public void close() {
        flush();
    }

    private static Map<String, Tensor> shared(DenoisingState state) {
        Map<String, Tensor> tensors = new HashMap<>();
        try (TensorScope _ = TensorScope.open()) {
            state.tensors()
                    .forEach((name, tensor) -> tensors.put(name, tensor.share().retain()));
        }
        return tensors;
    }

    private void write(ArtifactKey key, Map<String, Tensor> tensors, Map<String, String> metadata) {
        try (TensorScope _ = TensorScope.open()) {
            artifacts.writeUndigested(key, SealedTensors.parts(tensors, metadata, planDigest));
        }
        ArtifactKey before = kept;
        kept = key;
        if (before != null && !before.equals(key)) {
            artifacts.delete(before);
        }
    }
}
