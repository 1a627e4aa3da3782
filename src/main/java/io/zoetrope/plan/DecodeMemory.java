package io.zoetrope.plan;

import io.zoetrope.engine.videovae.DecodeFootprint;
import io.zoetrope.engine.videovae.LatentGrid;
import io.zoetrope.engine.videovae.Tiling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Predicts the memory of the third stage, and cuts a clip into tiles if it would not fit otherwise.
final class DecodeMemory {

    private static final int FLOAT32_BYTES = 4;

    /// Activations of the vocoder's size that are alive at once.
    private static final int SOUND_TENSORS = 5;

    private final ModelDescription model;
    private final ComputeDevice device;
    private final LatentGrid grid;
    private final DecodeFootprint footprint;

    DecodeMemory(ModelDescription model, ComputeDevice device) {
        this.model = model;
        this.device = device;
        ModelDescription.Video video = model.video();
        this.grid = new LatentGrid(
                video.temporalScale(), video.spatialScale(), video.smallestSide() / video.spatialScale());
        this.footprint = new DecodeFootprint(
                grid,
                video.patchSize(),
                video.widestChannels(),
                device.precision().bytes());
    }

    /// What may still be tried when memory runs out in spite of the prediction: ever smaller tiles, each at most three
    /// quarters of what the one before takes.
    List<DecodeTiles> smaller(GenerationPlan.Video video, DecodeTiles tried) {
        long bytes = bytes(video, tried == null ? null : tried.tiling());
        List<Tiling> layouts = Stream.concat(
                        Stream.of(Tiling.forDecoding(grid, video.height(), video.width())),
                        Tiling.smallerForDecoding(grid, video.height(), video.width()).stream())
                .sorted(Comparator.comparingLong((Tiling tiling) -> bytes(video, tiling))
                        .reversed())
                .toList();
        List<DecodeTiles> chosen = new ArrayList<>();
        for (Tiling tiling : layouts) {
            if (bytes(video, tiling) <= bytes / 4 * 3) {
                chosen.add(DecodeTiles.of(tiling));
                bytes = bytes(video, tiling);
            }
        }
        return chosen;
    }

    /// How a clip is decoded: as a whole if that fits into the device, else in the reference's tiles, else in the
    /// largest that fit. If none fit, the smallest.
    Optional<DecodeTiles> tiles(GenerationPlan.Video video) {
        if (video.tokens() == 0 || fits(bytes(video, null))) {
            return Optional.empty();
        }
        Tiling reference = Tiling.forDecoding(grid, video.height(), video.width());
        if (fits(bytes(video, reference))) {
            return Optional.of(DecodeTiles.of(reference));
        }
        Comparator<Tiling> bySize = Comparator.comparingLong(tiling -> bytes(video, tiling));
        Stream<Tiling> smaller = Tiling.smallerForDecoding(grid, video.height(), video.width()).stream()
                .sorted(bySize.reversed());
        Tiling chosen = reference;
        for (Tiling tiling : smaller.toList()) {
            chosen = tiling;
            if (fits(bytes(video, tiling))) {
                break;
            }
        }
        return Optional.of(DecodeTiles.of(chosen));
    }

    /// Activations of the stage: the picture, and after it the sound.
    long activations(GenerationPlan.Video video, GenerationPlan.Audio audio) {
        long picture = bytes(video, tiles(video).map(DecodeTiles::tiling).orElse(null));
        long melFrames = new LatentGeometry(model).melFrames(audio.latentFrames());
        long sound = SOUND_TENSORS * melFrames * model.audio().widestElementsPerMelFrame() * FLOAT32_BYTES;
        return Math.max(picture, sound);
    }

    private boolean fits(long activations) {
        return model.weights().decode() + activations <= device.totalBytes();
    }

    private long bytes(GenerationPlan.Video video, Tiling tiling) {
        return video.tokens() == 0
                ? 0
                : footprint.bytes(tiling, video.latentFrames(), video.latentHeight(), video.latentWidth());
    }
}
