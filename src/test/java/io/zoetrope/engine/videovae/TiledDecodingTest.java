package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.zoetrope.engine.audiovae.LiveTensors;
import io.zoetrope.engine.checkpoint.ConfigSection;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.RandomStream;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.TileGrid.Segment;
import io.zoetrope.engine.videovae.Tiling.Axis;
import io.zoetrope.verify.GoldenCase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The moving buffer against the sum over all tiles in one buffer as large as the clip; latents are 8 pixels here.
class TiledDecodingTest {

    private static final Path GOLDEN =
            Path.of("src/test/resources/golden/video-vae-tiled-decode/size-3axes.safetensors");
    private static final float TOLERANCE = 2e-5f;

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

    @ParameterizedTest(name = "time {0}/{1}, space {2}/{3}")
    @CsvSource({"24, 8, 16, 8", "16, 0, 24, 0", "40, 32, 16, 8", "24, 16, 32, 24", "0, 0, 16, 8", "32, 16, 0, 0"})
    void piecesAreTheWeightedSumOfAllTiles(int frames, int frameOverlap, int side, int sideOverlap) {
        Tiling tiling = new Tiling(axis(frames, frameOverlap), axis(side, sideOverlap), axis(side, sideOverlap));
        Tensor latent = latent(7, 4, 5);
        List<Tensor> pieces = pieces(latent, tiling);
        assertArrayEquals(
                allAtOnce(latent, tiling).toFloatArray(),
                Tensor.concatenate(2, pieces.toArray(Tensor[]::new)).toFloatArray(),
                TOLERANCE);
    }

    @Test
    void piecesWithoutFramesAreLeftOut() {
        // 5 latents that share 4: the second and third tile start at frame 0 and 8
        List<Tensor> pieces = pieces(latent(7, 2, 2), new Tiling(axis(40, 32), axis(0, 0), axis(0, 0)));
        assertEquals(
                List.of(8L, 41L), pieces.stream().map(piece -> piece.size(2)).toList());
    }

    @Test
    void aClipOfOneTileIsDecodedAsAWhole() {
        Tensor latent = latent(2, 2, 2);
        List<Tensor> pieces = pieces(latent, Tiling.forDecoding(decoder.config().grid(), 16, 16));
        assertEquals(1, pieces.size());
        assertArrayEquals(
                decoder.decode(latent, null).toFloatArray(), pieces.getFirst().toFloatArray());
    }

    @Test
    void whatTheTakerThrowsEndsTheDecoding() {
        IOException full = assertThrows(
                IOException.class,
                () -> decoder.<IOException>decode(
                        latent(7, 2, 2), null, new Tiling(axis(16, 8), axis(0, 0), axis(0, 0)), _ -> {
                            throw new IOException("disk full");
                        }));
        assertEquals("disk full", full.getMessage());
    }

    @Test
    void theTakerIsAskedBeforeEveryTileAndMayEndTheDecoding() {
        Tiling tiling = new Tiling(axis(16, 8), axis(16, 8), axis(16, 8));
        Tensor latent = latent(7, 4, 4);
        TileGrid grid = TileGrid.forDecoding(tiling, decoder.config().grid(), 7, 4, 4);
        assertEquals(grid.tiles(), asked(latent, tiling, Integer.MAX_VALUE));
        LiveTensors.assertNoneLeft(() -> assertEquals(5, asked(latent, tiling, 5)));
    }

    /// @param most times that are answered before the decoding is ended
    private int asked(Tensor latent, Tiling tiling, int most) {
        AtomicInteger asked = new AtomicInteger();
        ChunkSink<CancellationException> sink = new ChunkSink<>() {
            @Override
            public void accept(Tensor chunk) {
                // looked at by others
            }

            @Override
            public void between() {
                if (asked.incrementAndGet() == most) {
                    throw new CancellationException();
                }
            }
        };
        try {
            decoder.decode(latent, null, tiling, sink);
        } catch (CancellationException _) {
            assertEquals(most, asked.get());
        }
        return asked.get();
    }

    private List<Tensor> pieces(Tensor latent, Tiling tiling) {
        List<Tensor> pieces = new ArrayList<>();
        decoder.decode(latent, null, tiling, piece -> {
            assertFalse(piece.size(2) == 0);
            pieces.add(arena.own(piece.copy()));
        });
        return pieces;
    }

    private Tensor allAtOnce(Tensor latent, Tiling tiling) {
        TileGrid grid =
                TileGrid.forDecoding(tiling, decoder.config().grid(), latent.size(2), latent.size(3), latent.size(4));
        Tensor whole = Tensor.zeros(
                DataType.FLOAT32,
                Device.CPU,
                1,
                3,
                (latent.size(2) - 1) * 8 + 1,
                latent.size(3) * 8,
                latent.size(4) * 8);
        Tensor weights = Tensor.zeros(DataType.FLOAT32, Device.CPU, whole.shape());
        for (Segment time : grid.time()) {
            for (Segment height : grid.height()) {
                for (Segment width : grid.width()) {
                    Tensor tile = decoder.decode(TileGrid.read(latent, time, height, width), null);
                    Tensor mask = time.result()
                            .mask()
                            .view(-1, 1, 1)
                            .times(height.result().mask().view(-1, 1))
                            .times(width.result().mask());
                    place(whole, time, height, width).plusInPlace(tile.times(mask));
                    place(weights, time, height, width).plusInPlace(mask);
                }
            }
        }
        return whole.dividedBy(weights.atLeast(1e-8));
    }

    private static Tensor place(Tensor whole, Segment time, Segment height, Segment width) {
        return whole.narrow(2, time.result().start(), time.result().length())
                .narrow(3, height.result().start(), height.result().length())
                .narrow(4, width.result().start(), width.result().length());
    }

    private static Axis axis(int tile, int overlap) {
        return tile == 0 ? new Axis.Whole() : new Axis.Size(tile, overlap);
    }

    private Tensor latent(int frames, int height, int width) {
        try (RandomStream random = RandomStream.seeded(3)) {
            return random.normal(DataType.FLOAT32, 1, decoder.config().latentChannels(), frames, height, width);
        }
    }
}
