package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How the network treats streams, samples and tokens, whatever its weights are: those of a golden case here.
class TransformerTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/transformer/ltx20_av.safetensors");
    private static final float TOLERANCE = 2e-5f;

    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private Transformer transformer;

    @BeforeEach
    void load() {
        golden = GoldenCase.open(GOLDEN, Device.CPU);
        scope = TensorScope.open();
        arena = new TensorArena();
        Weights weights = golden.weights(DataType.FLOAT32, arena).under("model.diffusion_model");
        transformer = Transformer.load(
                TransformerConfig.of(
                        ConfigSection.of("transformer", golden.config().path("transformer"))),
                weights);
        weights.finish("transformer");
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
        golden.close();
    }

    @Test
    void oneTimestepForAllTokensIsTheSameTimestepForEach() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        Velocity each = transformer.forward(video, audio, List.of());
        Velocity shared = transformer.forward(sharing(video), sharing(audio), List.of());
        assertClose(each.video(), shared.video());
        assertClose(each.audio(), shared.audio());
    }

    @Test
    void anAbsentStreamIsAnIsolatedOne() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        Velocity isolated = transformer.forward(video, audio, List.of(Perturbation.ISOLATED));
        assertClose(
                isolated.video(), transformer.forward(video, null, List.of()).video());
        assertClose(
                isolated.audio(), transformer.forward(null, audio, List.of()).audio());
        assertFalse(close(
                isolated.video(), transformer.forward(video, audio, List.of()).video()));
    }

    @Test
    void aDisabledStreamStaysAsItIsAndIsStillRead() {
        StreamInput video = input("video");
        StreamInput audio = enabled(input("audio"), false);
        List<float[]> audioStates = new ArrayList<>();
        Velocity velocity = transformer.forward(video, audio, List.of(), (name, tensor) -> {
            if (name.equals("audio.entered") || name.startsWith("audio.block")) {
                audioStates.add(tensor.toFloatArray());
            }
        });
        assertEquals(transformer.config().blocks() + 1, audioStates.size());
        audioStates.forEach(state -> assertArrayEquals(audioStates.getFirst(), state));
        assertFalse(close(
                velocity.video(), transformer.forward(video, null, List.of()).video()));
    }

    @Test
    void theGateOfWhatFlowsInFollowsTheOthersNoiseAndNothingOfItsOwn() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        StreamInput quiet = new StreamInput(
                audio.latent(),
                audio.sigma().times(0.5),
                audio.timesteps().times(0.25),
                audio.geometry(),
                audio.text());
        Map<String, float[]> loudGates = gates(video, audio);
        Map<String, float[]> quietGates = gates(video, quiet);
        assertArrayEquals(loudGates.get("audio.gate.vectors"), quietGates.get("audio.gate.vectors"));
        assertFalse(Arrays.equals(loudGates.get("video.gate.vectors"), quietGates.get("video.gate.vectors")));

        StreamInput sameSigma = new StreamInput(
                audio.latent(), audio.sigma(), audio.timesteps().times(0.25), audio.geometry(), audio.text());
        assertArrayEquals(
                loudGates.get("video.gate.vectors"), gates(video, sameSigma).get("video.gate.vectors"));
    }

    @Test
    void samplesOfABatchDoNotSeeEachOther() {
        List<Perturbation> perturbations = List.of(
                Perturbation.NONE,
                new Perturbation(Set.of(1), Set.of(), false),
                new Perturbation(Set.of(0, 2), Set.of(0, 1, 2), false),
                Perturbation.ISOLATED);
        int batch = perturbations.size();
        Velocity together = transformer.forward(repeated("video", batch), repeated("audio", batch), perturbations);
        for (int sample = 0; sample < batch; sample++) {
            Velocity alone = transformer.forward(input("video"), input("audio"), List.of(perturbations.get(sample)));
            assertClose(alone.video(), together.video().narrow(0, sample, 1));
            assertClose(alone.audio(), together.audio().narrow(0, sample, 1));
        }
    }

    @Test
    void aTokenThatIsMaskedIsNotSeen() {
        StreamInput video = input("video");
        long tokens = video.latent().size(1);
        Tensor seen = Tensor.ones(DataType.FLOAT32, Device.CPU, 1, tokens, tokens);
        Tensor whole = transformer.forward(masked(video, seen), null, List.of()).video();
        assertClose(transformer.forward(video, null, List.of()).video(), whole);

        seen.narrow(2, tokens - 1, 1).timesInPlace(0); // nobody sees the last token
        StreamInput other = new StreamInput(
                lastTokenReplaced(video.latent()), video.sigma(), video.timesteps(), video.geometry(), video.text());
        Tensor before =
                transformer.forward(masked(video, seen), null, List.of()).video();
        Tensor after = transformer.forward(masked(other, seen), null, List.of()).video();
        assertClose(before.narrow(1, 0, tokens - 1), after.narrow(1, 0, tokens - 1));
        assertFalse(close(before, after));
    }

    @Test
    void maskedTextSlotsAreNotRead() {
        Tensor context = golden.input("video.context");
        long slots = context.size(1);
        Tensor mask = Tensor.of(new long[(int) slots], 1, slots);
        mask.narrow(1, 0, slots - 4).plusInPlace(Tensor.scalar(1).to(DataType.INT64));
        StreamInput video = input("video");
        assertClose(
                reading(video, transformer.videoText(context.narrow(1, 0, slots - 4), null)),
                reading(video, transformer.videoText(context, mask)));
    }

    @Test
    void preparedTensorsOutliveTheirScope() {
        Geometry geometry;
        StreamText text;
        try (TensorScope _ = TensorScope.open()) {
            geometry =
                    transformer.videoGeometry(golden.input("video.positions")).keptBy(arena);
            text = transformer.videoText(golden.input("video.context"), null).keptBy(arena);
        }
        StreamInput video = input("video");
        StreamInput kept = new StreamInput(video.latent(), video.sigma(), video.timesteps(), geometry, text);
        assertArrayEquals(
                transformer.forward(video, null, List.of()).video().toFloatArray(),
                transformer.forward(kept, null, List.of()).video().toFloatArray());
    }

    @Test
    void aTokenWithoutNoiseIsItsOwnEstimate() {
        Tensor latent = Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2);
        Tensor velocity = Tensor.of(new float[] {5, 6, 7, 8}, 1, 2, 2);
        Tensor timesteps = Tensor.of(new float[] {0, 0.5f}, 1, 2, 1);
        assertArrayEquals(
                new float[] {1, 2, -0.5f, 0},
                Velocity.denoised(latent, velocity, timesteps).toFloatArray());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        assertRefused("neither picture nor sound", () -> transformer.forward(null, null, List.of()));
        assertRefused(
                "2 perturbations for 1 samples",
                () -> transformer.forward(video, audio, List.of(Perturbation.NONE, Perturbation.NONE)));
        assertRefused("2 samples of sound", () -> transformer.forward(video, repeated("audio", 2), List.of()));
        assertRefused("latent [1, 36, 12], expected [*, *, 10]", () -> transformer.forward(null, video, List.of()));
        assertRefused(
                "text context [1, 36, 12], expected [*, *, 40]", () -> transformer.videoText(video.latent(), null));
        assertRefused(
                "timesteps",
                () -> new StreamInput(
                        video.latent(), video.sigma(), audio.timesteps(), video.geometry(), video.text()));
    }

    private static void assertRefused(String reason, Runnable call) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    private StreamInput input(String stream) {
        return repeated(stream, 1);
    }

    private StreamInput repeated(String stream, int batch) {
        boolean video = stream.equals("video");
        Tensor positions = golden.input(stream + ".positions").repeat(batch, 1, 1, 1);
        Tensor context = golden.input(stream + ".context").repeat(batch, 1, 1);
        return new StreamInput(
                golden.input(stream + ".latent").repeat(batch, 1, 1),
                golden.input(stream + ".sigma").repeat(batch),
                golden.input(stream + ".timesteps").repeat(batch, 1, 1),
                video ? transformer.videoGeometry(positions) : transformer.audioGeometry(positions),
                video ? transformer.videoText(context, null) : transformer.audioText(context, null));
    }

    private Map<String, float[]> gates(StreamInput video, StreamInput audio) {
        Map<String, float[]> gates = new HashMap<>();
        transformer.forward(video, audio, List.of(), (name, tensor) -> {
            if (name.endsWith("gate.vectors")) {
                gates.put(name, tensor.toFloatArray());
            }
        });
        return gates;
    }

    private Tensor reading(StreamInput video, StreamText text) {
        return transformer
                .forward(
                        new StreamInput(video.latent(), video.sigma(), video.timesteps(), video.geometry(), text),
                        null,
                        List.of())
                .video();
    }

    private static StreamInput sharing(StreamInput input) {
        Tensor timestep = input.timesteps().narrow(1, 0, 1);
        return new StreamInput(input.latent(), input.sigma(), timestep, input.geometry(), input.text());
    }

    private static StreamInput enabled(StreamInput input, boolean enabled) {
        return new StreamInput(
                input.latent(), input.sigma(), input.timesteps(), input.geometry(), input.text(), null, enabled);
    }

    private StreamInput masked(StreamInput input, Tensor seen) {
        return new StreamInput(
                input.latent(),
                input.sigma(),
                input.timesteps(),
                input.geometry(),
                input.text(),
                transformer.selfMask(seen),
                true);
    }

    private static Tensor lastTokenReplaced(Tensor latent) {
        long tokens = latent.size(1);
        Tensor last = latent.narrow(1, tokens - 1, 1);
        return Tensor.concatenate(
                1, latent.narrow(1, 0, tokens - 1), last.negative().plus(1));
    }

    private static void assertClose(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), TOLERANCE);
    }

    private static boolean close(Tensor first, Tensor second) {
        return first.minus(second).absolute().maximum(0, 1, 2).item() <= 100 * TOLERANCE;
    }
}
