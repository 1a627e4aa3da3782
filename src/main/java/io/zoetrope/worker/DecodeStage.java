package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.Decoder;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.media.ContactSheet;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.StageMemory;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/// Third stage: latents go in, a stored clip comes out.
@ApplicationScoped
class DecodeStage {

    private final StageRunner runner;
    private final ModelLibrary models;
    private final JobArtifacts artifacts;
    private final Executor handover;
    private final StageThread thread = new StageThread("decode");

    DecodeStage(StageRunner runner, ModelLibrary models, JobArtifacts artifacts, Handover handover) {
        this.runner = runner;
        this.models = models;
        this.artifacts = artifacts;
        this.handover = handover;
    }

    @Incoming(Channels.DENOISED)
    @Outgoing(Channels.DECODED)
    Multi<Message<Job>> decode(Multi<Message<Job>> jobs) {
        return runner.run(jobs, Stage.DECODE, thread, handover, StageMemory::decode, (job, _) -> decode(job));
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    private List<ArtifactReference> decode(Job job) {
        Decoder decoder = models.get(job.plan().model().name()).engine().decoder();
        ArtifactKey key = ArtifactKey.latentsOf(job.id(), job.planDigest());
        try (SafetensorsFile file = SafetensorsFile.of(Path.of(key.value()), artifacts.read(key));
                TensorScope _ = TensorScope.open()) {
            Path folder = Files.createTempDirectory("zoetrope-");
            try {
                Latents latents = TensorFiles.latents(file);
                return job.plan().soundOnly()
                        ? List.of(sound(job, decoder, latents, folder))
                        : clip(job, decoder, latents, folder);
            } finally {
                ClipFiles.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the clip: " + e.getMessage(), e);
        }
    }

    private ArtifactReference sound(Job job, Decoder decoder, Latents latents, Path folder) throws IOException {
        Path wave = folder.resolve("sound.wav");
        ClipFiles.decodeSound(decoder, latents, wave);
        return artifacts.write(ArtifactKey.soundOf(job.id(), job.planDigest()), wave);
    }

    private List<ArtifactReference> clip(Job job, Decoder decoder, Latents latents, Path folder) throws IOException {
        if (job.plan().givenSound().isEmpty()) {
            return clip(job, decoder, latents, null, folder);
        }
        ArtifactKey key = ArtifactKey.contextsOf(job.id(), job.planDigest());
        try (SafetensorsFile file = SafetensorsFile.of(Path.of(key.value()), artifacts.read(key))) {
            return clip(job, decoder, latents, TensorFiles.sound(file), folder);
        }
    }

    private List<ArtifactReference> clip(Job job, Decoder decoder, Latents latents, Waveform given, Path folder)
            throws IOException {
        List<ArtifactReference> stored = new ArrayList<>();
        GenerationPlan.Video size = job.plan().video();
        try (ContactSheet sheet = ContactSheet.open(size.frames(), size.height(), size.width())) {
            Path video = folder.resolve("clip.mp4");
            ClipFiles.decodeVideo(
                    decoder, latents, job.plan(), given, video, frames -> sheet.add(ClipFiles.frames(frames)));
            stored.add(artifacts.write(ArtifactKey.clipOf(job.id(), job.planDigest()), video));
            if (job.request().outputOrDefault().contactSheet()) {
                Path picture = folder.resolve("contact-sheet.png");
                sheet.write(picture);
                stored.add(artifacts.write(ArtifactKey.contactSheetOf(job.id(), job.planDigest()), picture));
            }
        }
        return stored;
    }
}
