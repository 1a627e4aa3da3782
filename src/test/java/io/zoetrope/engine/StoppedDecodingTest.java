package io.zoetrope.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.engine.audiovae.LiveTensors;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.Tiling;
import io.zoetrope.engine.videovae.Tiling.Axis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A decoding is ended by whoever takes the frames: at a piece, between tiles, before the sound, before the vocoder.
class StoppedDecodingTest {

    private static final Path TINY = Path.of("src/test/resources/golden/end-to-end/tiny-2.0/official");

    /// Two tiles side by side, two in time.
    private static final Tiling TILES = new Tiling(new Axis.Size(16, 8), new Axis.Whole(), new Axis.Size(64, 32));

    private static Ltx2 model;

    @BeforeAll
    static void load() {
        model = Ltx2.load(ModelFiles.of(TINY), Device.CPU, DataType.FLOAT32);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /// What the decoder did, until it was told to stop.
    private static final class Taker implements FrameSink {

        private final int last;
        private final List<String> calls = new ArrayList<>();

        /// @param last call that is answered by an error, from 1; 0 for none
        Taker(int last) {
            this.last = last;
        }

        @Override
        public void accept(Tensor frames) throws IOException {
            call("frames");
        }

        @Override
        public void between() throws IOException {
            call("between");
        }

        private void call(String name) throws IOException {
            calls.add(name);
            if (calls.size() == last) {
                throw new IOException("stop");
            }
        }
    }

    @Test
    void theDecodingEndsAtTheCallThatFailsWhicheverItIs() {
        List<String> all = decode(new Taker(0));
        int tiles = 6;
        assertEquals(tiles + 2L, all.stream().filter("between"::equals).count(), "before tiles, sound and samples");
        assertEquals(List.of("frames", "between", "between"), all.subList(all.size() - 3, all.size()));
        for (int last = 1; last <= all.size(); last++) {
            Taker taker = new Taker(last);
            assertThrows(IllegalStateException.class, () -> decode(taker));
            assertEquals(all.subList(0, last), taker.calls);
        }
    }

    @Test
    void nothingOfAStoppedDecodingStaysInMemory() {
        for (int last : new int[] {2, 4, decode(new Taker(0)).size()}) {
            LiveTensors.assertNoneLeft(() -> assertThrows(IllegalStateException.class, () -> decode(new Taker(last))));
        }
    }

    private static List<String> decode(Taker taker) {
        var shape = model.denoiser().shape();
        var picture = shape.video(25, 64, 96);
        var sound = shape.audio(25, 24);
        try (TensorScope _ = TensorScope.open();
                RandomStream random = RandomStream.seeded(3)) {
            Latents latents = new Latents(
                    random.normal(
                            DataType.FLOAT32,
                            1,
                            picture.channels(),
                            picture.frames(),
                            picture.height(),
                            picture.width()),
                    random.normal(DataType.FLOAT32, 1, sound.channels(), sound.frames(), sound.bins()));
            model.decoder().decode(latents, null, TILES, taker);
            return taker.calls;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
