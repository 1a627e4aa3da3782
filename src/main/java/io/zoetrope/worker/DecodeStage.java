package io.zoetrope.worker;

import io.smallrye.mutiny.Multi;
import io.zoetrope.artifact.ArtifactKey;
import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.engine.Decoder;
import io.zoetrope.engine.FrameSink;
import io.zoetrope.engine.Latents;
import io.zoetrope.engine.Waveform;
import io.zoetrope.engine.checkpoint.SafetensorsFile;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.media.ContactSheet;
import io.zoetrope.plan.DecodeTiles;
import io.zoetrope.plan.GenerationPlan;
import io.zoetrope.plan.StageMemory;
import io.zoetrope.worker.ledger.JobArtifacts;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Third stage: latents go in, a stored clip comes out.
@ApplicationScoped
class DecodeStage implements StageWork {

    private static final Logger LOG = Logger.getLogger(DecodeStage.class);
    private static final int MOST_FALLBACKS = 3;

    private final StageRunner runner;
    private final ModelLibrary models;
    private final Intermediates intermediates;
    private final JobArtifacts artifacts;
    private final StageThread thread = new StageThread("decode");

    DecodeStage(StageRunner runner, ModelLibrary models, Intermediates intermediates, JobArtifacts artifacts) {
        this.runner = runner;
        this.models = models;
        this.intermediates = intermediates;
        this.artifacts = artifacts;
    }

    Multi<HeldJob> decode(Multi<HeldJob> jobs) {
        return runner.run(jobs, this, thread);
    }

    @PreDestroy
    void close() {
        thread.close();
    }

    @Override
    public Stage stage() {
        return Stage.DECODE;
    }

    @Override
    public StageMemory.Use memory(StageMemory memory) {
        return memory.decode();
    }

    /// Nothing that this stage leaves is taken on trust: only the end of a job names its clip.
    @Override
    public Optional<List<ArtifactReference>> left(HeldJob held) {
        return Optional.empty();
    }

    @Override
    public List<ArtifactReference> run(HeldJob held) {
        Job job = held.job();
        Decoder decoder = models.get(job.plan().model().name()).engine().decoder();
        try (SafetensorsFile file = intermediates.open(held, job.latentsKey());
                TensorScope _ = TensorScope.open()) {
            Latents latents = TensorFiles.latents(file);
            return job.plan().soundOnly() ? List.of(sound(job, decoder, latents)) : clip(held, decoder, latents);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the clip: " + e.getMessage(), e);
        }
    }

    private ArtifactReference sound(Job job, Decoder decoder, Latents latents) throws IOException {
        byte[] wave = ClipFiles.decodeSound(decoder, latents);
        return artifacts.keepFirst(ArtifactKey.soundOf(job.id(), job.planDigest()), wave);
    }

    private List<ArtifactReference> clip(HeldJob held, Decoder decoder, Latents latents) throws IOException {
        Path folder = Files.createTempDirectory("zoetrope-");
        try {
            return clip(held, decoder, latents, folder);
        } finally {
            ClipFiles.delete(folder);
        }
    }

    private List<ArtifactReference> clip(HeldJob held, Decoder decoder, Latents latents, Path folder)
            throws IOException {
        Job job = held.job();
        if (job.plan().givenSound().isEmpty()) {
            return clip(held, decoder, latents, null, folder);
        }
        try (SafetensorsFile file = intermediates.open(held, job.contextsKey())) {
            return clip(held, decoder, latents, TensorFiles.sound(file), folder);
        }
    }

    /// In smaller tiles if memory runs out: the latents are there, and to give them up would cost far more.
    private List<ArtifactReference> clip(HeldJob held, Decoder decoder, Latents latents, Waveform given, Path folder)
            throws IOException {
        List<DecodeTiles> smaller = models.planner().smallerTiles(held.job().plan());
        DecodeTiles tiles = held.job().plan().tiling();
        for (int attempt = 0; ; attempt++) {
            try (TensorScope _ = TensorScope.open()) {
                return clip(held, decoder, latents, tiles, given, folder);
            } catch (RuntimeException | OutOfMemoryError failure) {
                if (OutOfMemory.in(failure).isEmpty() || attempt == Math.min(MOST_FALLBACKS, smaller.size())) {
                    throw failure;
                }
                tiles = smaller.get(attempt);
                LOG.warnf(
                        "job %s: memory ran out, decoding in tiles of %s",
                        held.job().id(), tiles);
            }
        }
    }

    private List<ArtifactReference> clip(
            HeldJob held, Decoder decoder, Latents latents, DecodeTiles tiles, Waveform given, Path folder)
            throws IOException {
        Job job = held.job();
        List<ArtifactReference> stored = new ArrayList<>();
        GenerationPlan.Video size = job.plan().video();
        try (ContactSheet sheet = ContactSheet.open(size.frames(), size.height(), size.width())) {
            Path video = folder.resolve("clip.mp4");
            ClipFiles.decodeVideo(decoder, latents, job.plan(), tiles, given, video, new FrameSink() {
                @Override
                public void accept(Tensor frames) throws IOException {
                    held.hold().check();
                    sheet.add(ClipFiles.frames(frames));
                }

                @Override
                public void between() {
                    held.hold().check();
                }
            });
            held.hold().check();
            stored.add(artifacts.keepFirst(ArtifactKey.clipOf(job.id(), job.planDigest()), video));
            if (job.request().outputOrDefault().contactSheet()) {
                Path picture = folder.resolve("contact-sheet.png");
                sheet.write(picture);
                stored.add(artifacts.keepFirst(ArtifactKey.contactSheetOf(job.id(), job.planDigest()), picture));
            }
        }
        return stored;
    }
}
