package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.bench.RandomModel;
import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.latent.AudioShape;
import io.zoetrope.engine.latent.LatentScale;
import io.zoetrope.engine.latent.Positions;
import io.zoetrope.engine.latent.VideoShape;
import io.zoetrope.engine.lora.FusionRule;
import io.zoetrope.engine.lora.Lora;
import io.zoetrope.engine.lora.LoraStrength;
import io.zoetrope.engine.lora.TransformerVariants;
import io.zoetrope.engine.tensor.CopyLane;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A transformer whose blocks come through slots, against the same one with all its weights in memory.
class StreamedTransformerTest {

    private static final int BLOCKS = 5;
    private static final RandomModel.Config MODEL = new RandomModel.Config(3, 2, 8, 4, BLOCKS, 24);
    private static final String PREFIX = "model.diffusion_model";

    /// A lane within the CPU's memory, which copies as late or as early as a device might: only when a slot
    /// is awaited, or as soon as it may be filled. What is not awaited is garbage, what is not released is
    /// written over.
    private static final class HostLane implements CopyLane {

        private final boolean late;
        private final TensorArena arena = new TensorArena();
        private final List<String> log = new ArrayList<>();
        private Tensor[] slots;
        private Tensor[] waiting; // what a slot is to be filled with
        private boolean[] computing; // awaited and not yet released
        private boolean closed;

        HostLane(boolean late) {
            this.late = late;
        }

        @Override
        public Tensor host(long bytes) {
            try (TensorScope _ = TensorScope.open()) {
                return arena.own(Tensor.empty(DataType.UINT8, Device.CPU, bytes));
            }
        }

        @Override
        public Tensor[] slots(int count, long bytes) {
            slots = new Tensor[count];
            waiting = new Tensor[count];
            computing = new boolean[count];
            try (TensorScope _ = TensorScope.open()) {
                for (int slot = 0; slot < count; slot++) {
                    // NaN in every floating point type
                    slots[slot] = arena.own(Tensor.full(255, DataType.UINT8, Device.CPU, bytes));
                }
            }
            return slots.clone();
        }

        @Override
        public void fill(int slot, Tensor host) {
            assertFalse(computing[slot], "a slot is filled that was not released");
            log.add("fill " + slot);
            waiting[slot] = host;
            if (late) {
                try (TensorScope _ = TensorScope.open()) {
                    Tensor _ = slots[slot].copyInPlace(Tensor.full(255, DataType.UINT8, Device.CPU));
                }
            } else {
                copy(slot);
            }
        }

        @Override
        public void await(int slot) {
            log.add("await " + slot);
            copy(slot);
            computing[slot] = true;
        }

        @Override
        public void release(int slot) {
            computing[slot] = false;
        }

        private void copy(int slot) {
            if (waiting[slot] != null) {
                try (TensorScope _ = TensorScope.open()) {
                    Tensor _ = slots[slot].narrow(0, 0, waiting[slot].count()).copyInPlace(waiting[slot]);
                }
                waiting[slot] = null;
            }
        }

        @Override
        public void close() {
            closed = true;
            arena.close();
        }
    }

    @TempDir
    Path folder;

    private TensorScope scope;
    private TensorArena arena;
    private Checkpoint checkpoint;
    private TransformerConfig config;
    private Tensor context;
    private Tensor videoLatent;
    private Tensor audioLatent;

    @BeforeEach
    void draw() throws IOException {
        scope = TensorScope.open();
        arena = new TensorArena();
        Path file = folder.resolve("model.safetensors");
        RandomModel.write(file, MODEL);
        checkpoint = arena.own(Checkpoint.open(List.of(file)));
        config = TransformerConfig.of(
                ConfigSection.of("transformer", checkpoint.config().path("transformer")));
        try (RandomStream random = RandomStream.seeded(4)) {
            context = random.normal(DataType.FLOAT32, 1, 6, MODEL.captionWidth());
            videoLatent = random.normal(DataType.FLOAT32, 1, 12, 128);
            audioLatent = random.normal(DataType.FLOAT32, 1, 9, 128);
        }
    }

    @AfterEach
    void close() {
        scope.close();
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "true, 3", "true, 5", "true, 8", "false, 1", "false, 2", "false, 3", "false, 5"})
    void itIsTheResidentOneBitForBit(boolean late, int slots) {
        Transformer resident = Transformer.load(config, cursor(DataType.FLOAT32, WeightStorage.COMPUTE_TYPE));
        Transformer streamed = streamed(new HostLane(late), slots, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE);
        for (double sigma : new double[] {0.9, 0.5, 0.1}) {
            assertArrayEquals(velocities(resident, sigma), velocities(streamed, sigma));
        }
        assertFalse(streamed.recordable());
        assertTrue(resident.recordable());
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightStorage.class,
            names = {"COMPUTE_TYPE", "FLOAT8_CAST"})
    void narrowWeightsAreStreamedAsTheyAre(WeightStorage storage) {
        Transformer resident = Transformer.load(config, cursor(DataType.BFLOAT16, storage));
        Transformer streamed = streamed(new HostLane(true), 2, DataType.BFLOAT16, storage);
        assertArrayEquals(velocities(resident, 0.5), velocities(streamed, 0.5));
    }

    @Test
    void blocksAreCopiedAheadAndOnceAPass() {
        HostLane lane = new HostLane(true);
        Transformer streamed = streamed(lane, 2, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE);
        assertEquals(List.of("fill 0", "fill 1"), lane.log);
        StreamInput video = video(streamed, 0.5);
        lane.log.clear();
        streamed.forward(video, null, List.of());
        assertEquals(
                List.of(
                        "await 0", "fill 0", // 0, then 2 is copied
                        "await 1", "fill 1", // 1, then 3
                        "await 0", "fill 0", // 2, then 4
                        "await 1", "fill 1", // 3, then 1 of the next pass
                        "await 0", "fill 0"), // 4, then 0 of the next pass
                lane.log);
    }

    @Test
    void aBlockThatHasASlotToItselfIsCopiedOnce() {
        HostLane lane = new HostLane(false);
        Transformer streamed = streamed(lane, 3, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE);
        StreamInput video = video(streamed, 0.5);
        lane.log.clear();
        streamed.forward(video, null, List.of());
        assertEquals(
                List.of(
                        "await 0", "fill 0", // 0, then 3
                        "await 1", "fill 1", // 1, then 4
                        "await 2", // 2, which nobody else shares the slot with
                        "await 0", "fill 0", "await 1", "fill 1"),
                lane.log);
    }

    @Test
    void aPassThatWasCalledOffLeavesNothingBehind() {
        Transformer resident = Transformer.load(config, cursor(DataType.FLOAT32, WeightStorage.COMPUTE_TYPE));
        Transformer streamed = streamed(new HostLane(true), 2, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE);
        StreamInput video = video(streamed, 0.5);
        for (String last : List.of("video.block0", "video.block2", "video.block4")) {
            assertThrows(
                    IllegalStateException.class,
                    () -> streamed.forward(video, null, List.of(), (name, _) -> {
                        if (name.equals(last)) {
                            throw new IllegalStateException("called off");
                        }
                    }));
            assertArrayEquals(velocities(resident, 0.5), velocities(streamed, 0.5), "after " + last);
        }
    }

    @Test
    void theLaneIsClosedWithTheWeights() {
        HostLane lane = new HostLane(true);
        try (TensorArena own = new TensorArena()) {
            StreamedTransformer.load(
                    config,
                    cursor(DataType.FLOAT32, WeightStorage.COMPUTE_TYPE),
                    cursor(DataType.FLOAT32, WeightStorage.COMPUTE_TYPE),
                    lane,
                    2,
                    own);
            assertFalse(lane.closed);
        }
        assertTrue(lane.closed);
    }

    /// Weights with LoRAs are fused on the host and streamed as well.
    @Test
    void variantsAreStreamedToo() {
        try (TensorArena own = new TensorArena();
                Checkpoint tiny = TinyTransformer.open();
                Lora lora = Lora.open(TinyTransformer.LORA)) {
            TinyTransformer model = TinyTransformer.load(tiny, DataType.FLOAT32, WeightStorage.COMPUTE_TYPE, own);
            Weights host = Weights.of(tiny, Device.CPU, DataType.FLOAT32, own).under(TinyTransformer.PREFIX);
            TransformerConfig tinyConfig = model.transformer().config();
            TransformerVariants.Builder builder = (weights, owner) ->
                    StreamedTransformer.load(tinyConfig, weights, model.weights(), new HostLane(true), 1, owner);
            List<LoraStrength> loras = List.of(new LoraStrength(lora, 0.7));
            try (var resident = TransformerVariants.of(model.transformer(), model.weights(), 0);
                    var streamed = TransformerVariants.of(builder.build(host, own), host, 0, builder);
                    var expected = resident.with(loras, FusionRule.of(DataType.FLOAT32));
                    var found = streamed.with(loras, FusionRule.of(DataType.FLOAT32))) {
                float[] velocities = model.velocities(expected.transformer());
                assertArrayEquals(velocities, model.velocities(found.transformer()));
                assertFalse(Arrays.equals(model.velocities(), velocities), "the LoRA changes nothing");
                assertArrayEquals(model.velocities(), model.velocities(streamed.base()));
            }
        }
    }

    private Transformer streamed(HostLane lane, int slots, DataType type, WeightStorage storage) {
        Transformer streamed =
                StreamedTransformer.load(config, cursor(type, storage), cursor(type, storage), lane, slots, arena);
        assertNotNull(streamed);
        return streamed;
    }

    private Weights cursor(DataType type, WeightStorage storage) {
        return Weights.of(checkpoint, Device.CPU, type, storage, arena).under(PREFIX);
    }

    private float[] velocities(Transformer transformer, double sigma) {
        Velocity velocity = transformer.forward(video(transformer, sigma), audio(transformer, sigma), List.of());
        float[] video = velocity.video().toFloatArray();
        float[] audio = velocity.audio().toFloatArray();
        float[] both = Arrays.copyOf(video, video.length + audio.length);
        System.arraycopy(audio, 0, both, video.length, audio.length);
        assertTrue(Tensor.of(both, both.length).isFinite());
        return both;
    }

    private StreamInput video(Transformer transformer, double sigma) {
        Tensor positions = Positions.video(new VideoShape(128, 3, 2, 2), 24, LatentScale.STANDARD);
        return input(videoLatent, sigma, transformer.videoGeometry(positions), transformer.videoText(context, null));
    }

    private StreamInput audio(Transformer transformer, double sigma) {
        Tensor positions = Positions.audio(new AudioShape(8, 9, 16), LatentScale.STANDARD);
        return input(audioLatent, sigma, transformer.audioGeometry(positions), transformer.audioText(context, null));
    }

    private static StreamInput input(Tensor latent, double sigma, Geometry geometry, StreamText text) {
        Tensor level = Tensor.full(sigma, DataType.FLOAT32, Device.CPU, 1);
        return new StreamInput(latent, level, level.view(1, 1, 1), geometry, text);
    }
}
