package io.zoetrope.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.videovae.DecodeProcess;
import io.zoetrope.engine.videovae.DecodeProcess.Peak;
import io.zoetrope.engine.videovae.TinyVae;
import io.zoetrope.request.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which tiles a device calls for, and that a decode takes what was predicted, measured in processes of their own.
class DecodeMemoryTest {

    private static final long MIB = 1L << 20;
    private static final long WEIGHTS = MIB;
    private static final double SLACK = 0.2;

    @TempDir
    Path folder;

    @ParameterizedTest(name = "width {0}, {1} frames of {3}x{2} pixels, {4}")
    @CsvSource({
        "4, 121, 512, 768, whole",
        "4, 121, 512, 768, tiles",
        "32, 49, 512, 768, whole",
        "32, 49, 512, 768, tiles",
        "8, 241, 256, 384, tiles"
    })
    void aDecodeTakesWhatWasPredicted(int channels, int frames, int height, int width, String way)
            throws IOException, InterruptedException {
        ModelDescription model = model(channels);
        GenerationPlan.Video video = new LatentGeometry(model).video(width, height, frames, 24);
        long whole = predicted(model, video, Long.MAX_VALUE);
        long device = way.equals("whole") ? Long.MAX_VALUE : WEIGHTS + whole - 1;
        Optional<DecodeTiles> tiles = memory(model, device).tiles(video);
        assertEquals(way.equals("tiles"), tiles.isPresent());
        long predicted = predicted(model, video, device);
        Peak peak = DecodeProcess.measure(
                TinyVae.write(folder.resolve("vae.safetensors"), channels),
                List.of(video.latentFrames(), video.latentHeight(), video.latentWidth()),
                tiles.map(DecodeTiles::tiling),
                folder.resolve("log"));
        System.out.printf(
                "%d frames of %dx%d, width %d, %s: peak %d MiB, predicted %d MiB, as a whole predicted %d MiB; %d s%n",
                frames,
                width,
                height,
                channels,
                tiles.map(DecodeTiles::toString).orElse("whole"),
                peak.bytes() / MIB,
                predicted / MIB,
                whole / MIB,
                peak.millis() / 1000);
        assertTrue(peak.bytes() <= predicted, "%d bytes, predicted %d".formatted(peak.bytes(), predicted));
        assertTrue(
                peak.bytes() >= (1 - SLACK) * predicted, "%d bytes, predicted %d".formatted(peak.bytes(), predicted));
    }

    @Test
    void tilesAreTheReferencesIfTheyFitAndTheLargestThatFitOtherwise() {
        ModelDescription model = Models.published20().description();
        GenerationPlan.Video video = new LatentGeometry(model).video(1920, 1088, 241, 24);
        long whole = memory(model, Long.MAX_VALUE).activations(video, SILENCE);
        assertEquals(Optional.empty(), memory(model, Long.MAX_VALUE).tiles(video));
        DecodeTiles reference = new DecodeTiles(side(80, 24), side(448, 64), side(768, 64));
        long weights = model.weights().decode();
        assertEquals(Optional.of(reference), memory(model, weights + whole - 1).tiles(video));
        long least = whole;
        for (long device = whole; device > whole / 60; device = device * 9 / 10) {
            DecodeMemory memory = memory(model, weights + device);
            long needed = memory.activations(video, SILENCE);
            assertTrue(needed <= least, "less memory, larger tiles");
            least = needed;
            if (needed > device) { // even the smallest tiles do not fit
                assertEquals(side(16, 8), memory.tiles(video).orElseThrow().frames());
            }
        }
        assertTrue(least < whole / 10, least + " of " + whole);
    }

    @Test
    void soundAloneHasNoTiles() {
        ModelDescription model = model(4);
        GenerationPlan.Video none = new LatentGeometry(model).silhouette(121, 24);
        assertEquals(Optional.empty(), memory(model, 2 * WEIGHTS).tiles(none));
    }

    private static final GenerationPlan.Audio SILENCE = new GenerationPlan.Audio(8, 1, 16, 24_000, 240);

    private static long predicted(ModelDescription model, GenerationPlan.Video video, long device) {
        return memory(model, device).activations(video, SILENCE);
    }

    private static DecodeMemory memory(ModelDescription model, long device) {
        return new DecodeMemory(model, new ComputeDevice("cpu", Precision.FLOAT32, device, 1));
    }

    private static DecodeTiles.Side side(int tile, int overlap) {
        return new DecodeTiles.Side(tile, overlap);
    }

    /// What [TinyVae] is, beside a vocoder that takes nothing.
    private static ModelDescription model(int channels) {
        return new ModelDescription(
                "tiny",
                "2.3",
                "d",
                Set.of(Pipeline.ONE_STAGE),
                new ModelDescription.Text(1024, 64, 3, 4, 256, 64, 64),
                new ModelDescription.Transformer(128, 64, 4, false),
                new ModelDescription.Video(16, 32, 8, 32, 4, channels),
                new ModelDescription.Audio(8, 16, 25, 4, 240, 24_000, 1),
                new ModelDescription.Weights(
                        new ModelDescription.Streamed(0, 0), new ModelDescription.Streamed(0, 0), WEIGHTS),
                List.of(),
                List.of());
    }
}
