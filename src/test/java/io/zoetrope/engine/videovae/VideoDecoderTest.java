package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How the decoder treats frames, windows and refusals, whatever its weights are: those of a golden case here.
class VideoDecoderTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/video-vae-decoder/ltx20-small.safetensors");
    private static final float TOLERANCE = 2e-5f;
    private static final int CHANNELS = 8;

    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private VideoDecoder decoder;

    @BeforeEach
    void load() {
        golden = GoldenCase.open(GOLDEN, Device.CPU);
        scope = TensorScope.open();
        arena = new TensorArena();
        Weights weights = golden.weights(DataType.FLOAT32, arena).under("vae");
        decoder = VideoDecoder.load(
                VideoVaeConfig.of(ConfigSection.of("vae", golden.config().path("vae"))), weights);
        weights.finish("video decoder");
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
        golden.close();
    }

    @Test
    void windowsOfTheTimeAxisDoNotShow() {
        Tensor latent = latent(4, 2, 3);
        float[] whole = decoder.decode(latent, null).toFloatArray();
        for (int frames : new int[] {1, 2, 3, 7}) {
            Tensor cut = decoder.decode(latent, null, new TimeWindows(1, frames), (_, _) -> {});
            assertArrayEquals(whole, cut.toFloatArray(), TOLERANCE, frames + " frames");
        }
    }

    @Test
    void theLatentIsLeftAsItWas() {
        Tensor latent = latent(2, 2, 2);
        float[] before = latent.toFloatArray();
        decoder.decode(latent, null);
        assertArrayEquals(before, latent.toFloatArray());
    }

    @Test
    void aResultHasTheLatentsTypeAndTheClipsSize() {
        Tensor video = decoder.decode(latent(3, 2, 4).to(DataType.BFLOAT16), null);
        assertEquals(DataType.BFLOAT16, video.type());
        assertArrayEquals(new long[] {1, 3, 17, 64, 128}, video.shape());
    }

    @Test
    void aBlockIsDoneWhenItsInputIsFreed() {
        Tensor[] previous = {null};
        decoder.decode(latent(2, 2, 2), null, (name, hidden) -> {
            if (previous[0] != null) {
                assertTrue(previous[0].toString().contains("closed"), "still there at " + name);
            }
            previous[0] = hidden;
        });
    }

    @Test
    void aLatentTooSmallToReflectIsRefusedWithTheSizeInPixels() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> decoder.decode(latent(2, 1, 2), null));
        assertTrue(refused.getMessage().contains("[1, 8, 2, 1, 2]"), refused.getMessage());
        assertTrue(refused.getMessage().contains("64 pixels"), refused.getMessage());
    }

    @Test
    void aLatentOfAnotherModelIsRefused() {
        Tensor foreign = Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 128, 2, 2, 2);
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> decoder.decode(foreign, null));
        assertEquals("video latent [1, 128, 2, 2, 2], expected [*, 8, *, *, *]", refused.getMessage());
    }

    @Test
    void levelsAreRoundedAndClamped() {
        Tensor video =
                Tensor.of(new float[] {-1.5f, -1, -0.999f, 0, 0.5f, 0.999f, 1, 7, Math.nextUp(-1f)}, 1, 3, 3, 1, 1);
        Tensor frames = ColourLevels.of(video);
        assertEquals(DataType.UINT8, frames.type());
        assertArrayEquals(new long[] {3, 1, 1, 3}, frames.shape());
        // the channels of a pixel are neighbours now; 0 is level 127.5, which is even upwards
        assertArrayEquals(new long[] {0, 128, 255, 0, 191, 255, 0, 255, 0}, frames.toLongArray());
    }

    private static Tensor latent(int frames, int height, int width) {
        try (RandomStream random = RandomStream.seeded(3)) {
            return random.normal(DataType.FLOAT32, 1, CHANNELS, frames, height, width);
        }
    }
}
