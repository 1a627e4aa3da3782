package io.zoetrope.worker;

import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.GenerationEvent;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.request.Sha256;
import io.zoetrope.worker.ledger.JobArtifacts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Contexts, latents and checkpoints of jobs, as stages leave them to each other and to later attempts. What is
/// damaged or was made for another plan is removed with a fact, and made again.
@ApplicationScoped
class Intermediates {

    private static final Logger LOG = Logger.getLogger(Intermediates.class);

    private final JobArtifacts artifacts;
    private final WorkerIdentity worker;
    private final Joints joints;
    private final boolean kept;

    Intermediates(JobArtifacts artifacts, WorkerIdentity worker, WorkerConfig config) {
        this.artifacts = artifacts;
        this.worker = worker;
        this.joints = Joints.of(config);
        this.kept = config.artifacts().keepIntermediate();
    }

    /// Stores what a stage has made, for the next one. Where this worker takes the job to its end nothing is lost with
    /// it but computing time, and only if the machine dies: it is not worth waiting for the disk.
    ArtifactReference write(Stage stage, ArtifactKey key, byte[] sealed) {
        return joints.toTheEnd(stage) && !kept ? artifacts.writePassing(key, sealed) : artifacts.write(key, sealed);
    }

    /// What lies under a key, if it can be trusted.
    Optional<List<ArtifactReference>> find(HeldJob held, ArtifactKey key) {
        return artifacts.find(key).flatMap(content -> {
            ArtifactReference reference =
                    new ArtifactReference(key.value(), key.mediaType(), content.length, Sha256.of(content));
            return trusted(held, key, content).map(file -> {
                file.close();
                return List.of(reference);
            });
        });
    }

    /// Opens what an earlier stage has made for this plan.
    ///
    /// @throws SealedTensors.UntrustedException if it cannot be trusted
    SafetensorsFile open(HeldJob held, ArtifactKey key) {
        return SealedTensors.open(key.value(), artifacts.read(key), held.job().planDigest());
    }

    /// The same for what may be made anew: nothing if it is not there or cannot be trusted.
    Optional<SafetensorsFile> openIfTrusted(HeldJob held, ArtifactKey key) {
        return artifacts.find(key).flatMap(content -> trusted(held, key, content));
    }

    /// Removes what cannot be used, and says why.
    void ignore(HeldJob held, ArtifactKey key, String reason) {
        LOG.warnf("%s is not trusted: %s", key, reason);
        held.say(header -> new GenerationEvent.CheckpointIgnored(header, worker.id(), key.value(), reason));
        artifacts.delete(key);
    }

    private Optional<SafetensorsFile> trusted(HeldJob held, ArtifactKey key, byte[] content) {
        try {
            return Optional.of(
                    SealedTensors.open(key.value(), content, held.job().planDigest()));
        } catch (SealedTensors.UntrustedException untrusted) {
            ignore(held, key, untrusted.getMessage());
            return Optional.empty();
        }
    }
}
