package io.zoetrope.worker.ledger;

import io.smallrye.mutiny.Uni;
import io.zoetrope.artifact.Artifact;
import io.zoetrope.artifact.ArtifactException;
import io.zoetrope.artifact.ArtifactException.Kind;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.artifact.ArtifactStore;
import io.zoetrope.artifact.ArtifactUrls;
import io.zoetrope.audit.ArtifactReference;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The artifact store for code that may wait: stages on their own threads, and the worker pool. A store that
/// fails is tried again for a while, because the work that waits costs more than the waiting.
public final class JobArtifacts {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final ArtifactStore store;
    private final ArtifactUrls urls;
    private final Duration patience;
    private final StoreOutage outage;
    private volatile boolean impatient;

    /// @param patience for a store that fails
    /// @param outage   is told of every failure
    public JobArtifacts(ArtifactStore store, ArtifactUrls urls, Duration patience, StoreOutage outage) {
        this.store = store;
        this.urls = urls;
        this.patience = patience;
        this.outage = outage;
    }

    /// From now on a failure is final: the worker leaves.
    public void loseNoTime() {
        impatient = true;
    }

    public ArtifactReference write(ArtifactKey key, byte[] content) {
        return reference(await(store.write(key, content)));
    }

    /// For what can be made again: it outlives this process, but not for sure the machine.
    public ArtifactReference writePassing(ArtifactKey key, byte[] content) {
        return reference(await(store.writePassing(key, content)));
    }

    /// For content that is sealed.
    ///
    /// @param content in order; read while this waits, and left as it is
    public void writeUndigested(ArtifactKey key, List<ByteBuffer> content) {
        await(store.writeUndigested(key, content));
    }

    /// What lies under a key afterwards: the file, or what was there before. An artifact that readers may know is
    /// never replaced.
    public ArtifactReference keepFirst(ArtifactKey key, Path file) {
        return reference(await(store.keepFirst(key, file)));
    }

    /// The same for content in memory.
    public ArtifactReference keepFirst(ArtifactKey key, byte[] content) {
        return reference(await(store.keepFirst(key, content)));
    }

    /// Whether it was written: of several writers exactly one is told so.
    public boolean writeIfAbsent(ArtifactKey key, byte[] content) {
        return await(store.writeIfAbsent(key, content));
    }

    public Optional<byte[]> find(ArtifactKey key) {
        try {
            return Optional.of(read(key));
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public boolean exists(ArtifactKey key) {
        return await(store.exists(key));
    }

    public byte[] read(ArtifactKey key) {
        return await(store.read(key));
    }

    public void delete(ArtifactKey key) {
        await(store.delete(key));
    }

    public List<ArtifactKey> list(String prefix) {
        return await(store.list(prefix).collect().asList());
    }

    /// Where a reader gets it.
    public URI url(String key) {
        return urls.of(new ArtifactKey(key));
    }

    /// A call that succeeds, as nearly all do, needs nothing of what repeating takes.
    private <T> T await(Uni<T> call) {
        try {
            return call.await().indefinitely();
        } catch (ArtifactException failure) {
            if (!isOutage(failure)) {
                throw failure;
            }
            outage.noticed(failure);
            if (impatient) {
                throw failure;
            }
            return awaitPatiently(call);
        }
    }

    private <T> T awaitPatiently(Uni<T> call) {
        return call.onFailure(this::isOutage)
                .invoke(outage::noticed)
                .onFailure(failure -> isOutage(failure) && !impatient)
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .expireIn(patience.toMillis())
                .await()
                .indefinitely();
    }

    private boolean isOutage(Throwable failure) {
        return failure instanceof ArtifactException fault
                && fault.kind() != Kind.NOT_FOUND
                && fault.kind() != Kind.DAMAGED;
    }

    private static ArtifactReference reference(Artifact artifact) {
        return new ArtifactReference(artifact.key().value(), artifact.mediaType(), artifact.bytes(), artifact.sha256());
    }
}
