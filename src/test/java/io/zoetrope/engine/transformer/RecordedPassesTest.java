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
import io.zoetrope.engine.tensor.Recorder;
import io.zoetrope.engine.tensor.Shortcut;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// When passes are recorded, what a recording is taken for, and what is left when one fails. The recorder
/// of these tests does the work again at each replay, with the tensors that it was recorded with, as a
/// graph would.
class RecordedPassesTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden/transformer/ltx20_av.safetensors");
    private static final Perturbation SKIPPED = new Perturbation(Set.of(0), Set.of(), false);

    private static final class Repeating implements Recorder {

        private final List<String> log = new ArrayList<>();
        private int open;
        private RuntimeException failure; // of the next call, or null

        @Override
        public Recording record(Runnable work) {
            fail();
            log.add("record");
            open++;
            return new Recording() {
                @Override
                public void replay() {
                    fail();
                    log.add("replay");
                    work.run();
                }

                @Override
                public void close() {
                    open--;
                }
            };
        }

        private void fail() {
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void close() {
            assertEquals(0, open, "recordings are closed before their recorder");
            log.add("close");
        }
    }

    private final Repeating recorder = new Repeating();
    private final Map<PassKind, Long> before = new EnumMap<>(PassKind.class);
    private Shortcut shortcut;
    private GoldenCase golden;
    private TensorArena arena;
    private TensorScope scope;
    private Transformer transformer;
    private RecordedPasses passes;

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
        shortcut = new Shortcut("recorded passes of a test", "they are computed");
        passes = new RecordedPasses(transformer, recorder, shortcut);
        for (PassKind kind : PassKind.values()) {
            before.put(kind, kind.passes());
        }
    }

    @AfterEach
    void close() {
        passes.close();
        scope.close();
        arena.close();
        golden.close();
    }

    @Test
    void eachPassIsWhatTheNetworkComputesBitForBit() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        for (int step = 0; step < 5; step++) {
            assertSamePass(at(video, step), at(audio, step), List.of());
        }
        assertEquals(List.of("record", "replay", "replay", "replay", "replay"), recorder.log);
        assertEquals(1, counted(PassKind.EAGER));
        assertEquals(1, counted(PassKind.RECORDED));
        assertEquals(3, counted(PassKind.REPLAYED));
        assertEquals(0, counted(PassKind.FAILED));
    }

    /// One of each, twice around: none is taken for another.
    @Test
    void passesThatDifferInMoreThanNumbersAreRecordedEachByItself() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        StreamInput otherText = new StreamInput(
                video.latent(),
                video.sigma(),
                video.timesteps(),
                video.geometry(),
                transformer.videoText(golden.input("video.context").times(0.5), null),
                null,
                true);
        for (int step = 0; step < 3; step++) {
            assertSamePass(at(video, step), at(audio, step), List.of());
            assertSamePass(at(otherText, step), at(audio, step), List.of());
            assertSamePass(at(video, step), at(audio, step), List.of(SKIPPED));
            assertSamePass(at(video, step), at(audio, step), List.of(Perturbation.ISOLATED));
            assertSamePass(at(video, step), null, List.of());
            assertSamePass(sharing(at(video, step)), at(audio, step), List.of());
        }
        assertEquals(6, passes.recordings());
        assertEquals(6, counted(PassKind.EAGER));
    }

    @Test
    void aBatchOfWhichSomeSamplesArePerturbedIsRecordedToo() {
        StreamInput video = twice(input("video"), "video");
        StreamInput audio = twice(input("audio"), "audio");
        for (int step = 0; step < 3; step++) {
            assertSamePass(at(video, step), at(audio, step), List.of(Perturbation.NONE, SKIPPED));
        }
        assertEquals(1, passes.recordings());
    }

    @Test
    void whatAPassReturnedDoesNotChangeWithTheNextOne() {
        StreamInput video = input("video");
        StreamInput audio = input("audio");
        List<Velocity> velocities = new ArrayList<>();
        List<float[]> first = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            Velocity velocity = passes.forward(at(video, step), at(audio, step), List.of());
            velocities.add(velocity);
            first.add(velocity.video().toFloatArray());
        }
        passes.close();
        for (int step = 0; step < 4; step++) {
            assertArrayEquals(first.get(step), velocities.get(step).video().toFloatArray());
        }
    }

    @Test
    void onlyTheFirstKindsOfPassAreRecorded() {
        List<StreamInput> lengths = new ArrayList<>();
        for (int kind = 0; kind < 12; kind++) {
            lengths.add(input("video", kind + 1));
        }
        for (int round = 0; round < 3; round++) {
            for (StreamInput video : lengths) {
                assertSamePass(at(video, round), null, List.of());
            }
        }
        assertEquals(8, passes.recordings());
        assertEquals(12 + 2 * 4, counted(PassKind.EAGER));
    }

    @Test
    void whereRecordingFailsEveryPassIsComputed() {
        StreamInput video = input("video");
        recorder.failure = new IllegalStateException("CUDA graph: begin: operation not permitted");
        for (int step = 0; step < 3; step++) {
            assertSamePass(at(video, step), null, List.of());
        }
        assertFalse(shortcut.isOpen());
        assertEquals(List.of(), recorder.log);
        assertEquals(1, counted(PassKind.FAILED));
        assertEquals(2, counted(PassKind.EAGER));
        try (RecordedPasses others = new RecordedPasses(transformer, new Repeating(), shortcut)) {
            others.forward(at(video, 0), null, List.of());
            others.forward(at(video, 1), null, List.of());
            assertEquals(0, others.recordings());
        }
    }

    @Test
    void aReplayThatFailsIsComputedInstead() {
        StreamInput video = input("video");
        assertSamePass(at(video, 0), null, List.of());
        assertSamePass(at(video, 1), null, List.of());
        recorder.failure = new IllegalStateException("CUDA graph: launch: invalid argument");
        assertSamePass(at(video, 2), null, List.of());
        recorder.failure = null;
        assertSamePass(at(video, 3), null, List.of());
        assertEquals(List.of("record", "replay"), recorder.log);
        assertEquals(1, counted(PassKind.FAILED));
        passes.close();
        assertEquals(0, recorder.open);
    }

    @Test
    void thatMemoryRanOutIsToldAndNotHeldAgainstRecording() {
        StreamInput video = input("video");
        assertSamePass(at(video, 0), null, List.of());
        recorder.failure = new IllegalStateException("CUDA out of memory. Tried to allocate 1.00 GiB.");
        assertThrows(IllegalStateException.class, () -> passes.forward(at(video, 1), null, List.of()));
        assertTrue(shortcut.isOpen());
    }

    @Test
    void theCpuComputes() {
        RecordedPasses.want(true);
        try (RecordedPasses own = RecordedPasses.of(transformer)) {
            StreamInput video = input("video");
            own.forward(video, null, List.of());
            own.forward(video, null, List.of());
            assertEquals(2, counted(PassKind.EAGER));
        } finally {
            RecordedPasses.want(false);
        }
    }

    private void assertSamePass(StreamInput video, StreamInput audio, List<Perturbation> perturbations) {
        Velocity expected = transformer.forward(video, audio, perturbations);
        Velocity found = passes.forward(video, audio, perturbations);
        assertArrayEquals(expected.video().toFloatArray(), found.video().toFloatArray());
        if (audio != null) {
            assertArrayEquals(expected.audio().toFloatArray(), found.audio().toFloatArray());
        }
    }

    private long counted(PassKind kind) {
        return kind.passes() - before.get(kind);
    }

    /// The same stream a step further: other numbers in new tensors.
    private static StreamInput at(StreamInput input, int step) {
        double factor = 1 - 0.2 * step;
        return new StreamInput(
                input.latent().times(factor),
                input.sigma().times(factor),
                input.timesteps().times(factor),
                input.geometry(),
                input.text(),
                input.selfMask(),
                input.enabled());
    }

    private StreamInput input(String stream) {
        return input(stream, (int) golden.input(stream + ".latent").size(1));
    }

    /// The first tokens of a stream.
    private StreamInput input(String stream, int tokens) {
        Tensor positions = golden.input(stream + ".positions").narrow(2, 0, tokens);
        boolean video = stream.equals("video");
        Tensor context = golden.input(stream + ".context");
        return new StreamInput(
                golden.input(stream + ".latent").narrow(1, 0, tokens),
                golden.input(stream + ".sigma"),
                golden.input(stream + ".timesteps").narrow(1, 0, tokens),
                video ? transformer.videoGeometry(positions) : transformer.audioGeometry(positions),
                video ? transformer.videoText(context, null) : transformer.audioText(context, null));
    }

    private static StreamInput sharing(StreamInput input) {
        return new StreamInput(
                input.latent(), input.sigma(), input.sigma().view(-1, 1, 1), input.geometry(), input.text());
    }

    private StreamInput twice(StreamInput input, String stream) {
        Tensor positions = twice(golden.input(stream + ".positions"));
        Tensor context = twice(golden.input(stream + ".context"));
        boolean video = stream.equals("video");
        return new StreamInput(
                twice(input.latent()),
                twice(input.sigma()),
                twice(input.timesteps()),
                video ? transformer.videoGeometry(positions) : transformer.audioGeometry(positions),
                video ? transformer.videoText(context, null) : transformer.audioText(context, null));
    }

    private static Tensor twice(Tensor tensor) {
        return Tensor.concatenate(0, tensor, tensor);
    }
}
