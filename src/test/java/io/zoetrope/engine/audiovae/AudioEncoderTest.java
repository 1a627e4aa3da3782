package io.zoetrope.engine.audiovae;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How the encoder treats frames, types and refusals, whatever its weights are: those of a golden case here.
class AudioEncoderTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/audio-vae-encoder/small.safetensors");

    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private AudioVaeConfig config;
    private AudioEncoder encoder;

    @BeforeEach
    void load() {
        golden = GoldenCase.open(GOLDEN, Device.CPU);
        scope = TensorScope.open();
        arena = new TensorArena();
        config = AudioVaeConfig.of(ConfigSection.of("audio_vae", golden.config().path("audio_vae")));
        encoder = load(DataType.FLOAT32);
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
        golden.close();
    }

    @ParameterizedTest(name = "{0} mel frames")
    @ValueSource(ints = {1, 2, 4, 5, 8, 9, 16, 17})
    void framesAreCountedAsTheConfigurationSays(int frames) {
        long expected = config.latentFrames(160L * (frames - 1));
        assertArrayEquals(
                new long[] {1, 2, expected, 4}, encoder.encode(mel(frames)).shape());
    }

    @Test
    void whatComesLaterChangesNothingBefore() {
        Tensor mel = mel(17);
        float[] whole = encoder.encode(mel).narrow(2, 0, 3).toFloatArray();
        assertArrayEquals(whole, encoder.encode(mel.narrow(2, 0, 9)).toFloatArray(), 2e-6f);
    }

    @Test
    void theSpectrogramIsLeftAsItWas() {
        Tensor mel = mel(9);
        float[] before = mel.toFloatArray();
        encoder.encode(mel);
        assertArrayEquals(before, mel.toFloatArray());
    }

    @Test
    void aNetworkInBfloat16TakesFloat32() {
        Tensor mel = mel(9);
        Tensor latent = load(DataType.BFLOAT16).encode(mel);
        assertEquals(DataType.FLOAT32, latent.type());
        assertArrayEquals(encoder.encode(mel).toFloatArray(), latent.toFloatArray(), 0.1f);
    }

    @Test
    void aStepIsDoneWhenItsInputIsFreed() {
        Tensor[] previous = {null};
        encoder.encode(mel(17), (name, hidden) -> {
            if (previous[0] != null) {
                assertTrue(previous[0].toString().contains("closed"), "still there at " + name);
            }
            previous[0] = hidden;
        });
    }

    @Test
    void nothingIsLeftOfAnEncoding() {
        LiveTensors.assertNoneLeft(() -> encoder.encode(mel(17)));
    }

    @Test
    void aSpectrogramOfAnotherModelIsRefused() {
        Tensor foreign = Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 2, 9, 64);
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> encoder.encode(foreign));
        assertEquals("log mel [1, 2, 9, 64], expected [*, 2, *, 16]", refused.getMessage());
    }

    @Test
    void aSpectrogramWithoutFramesIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> encoder.encode(Tensor.zeros(DataType.FLOAT32, Device.CPU, 1, 2, 0, 16)));
    }

    private AudioEncoder load(DataType type) {
        Weights weights = golden.weights(type, arena).under("audio_vae");
        AudioEncoder loaded = AudioEncoder.load(config, weights);
        weights.finish("audio encoder");
        return loaded;
    }

    private static Tensor mel(int frames) {
        try (RandomStream random = RandomStream.seeded(3)) {
            return random.normal(DataType.FLOAT32, 1, 2, frames, 16);
        }
    }
}
