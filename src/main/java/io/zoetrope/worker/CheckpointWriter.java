package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.engine.DenoisingState;
import io.zoetrope.request.JobId;
import io.zoetrope.worker.ledger.JobArtifacts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/// Keeps the state of one run, again and again, while the run goes on. A state is copied on the run's thread and
/// written on another; while one is being written none is taken. The one before is removed when a newer one is safe.
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
        byte[] unsealed = SealedTensors.unsealed(state.tensors(), state.metadata(), planDigest);
        writing = writing.thenRunAsync(() -> write(key, unsealed), background).exceptionally(failure -> {
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

    private void write(ArtifactKey key, byte[] unsealed) {
        artifacts.writeUndigested(key, SealedTensors.seal(unsealed));
        ArtifactKey before = kept;
        kept = key;
        if (before != null && !before.equals(key)) {
            artifacts.delete(before);
        }
    }
}
