package io.zoetrope.engine.videovae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import io.zoetrope.engine.videovae.Tiling.Axis;
import io.zoetrope.verify.GoldenCase;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileGridTest {

    private static final Path GOLDEN =
            Path.of("src/test/resources/golden/video-vae-tiled-decode/size-3axes.safetensors");
    private static final Axis WHOLE = new Axis.Whole();
    private static final LatentGrid ZEROS = new LatentGrid(8, 32, 1);
    private static final LatentGrid REFLECT = new LatentGrid(8, 32, 2);

    @Test
    void placesAndMasksAreTheReferences() {
        try (GoldenCase golden = GoldenCase.open(GOLDEN, Device.CPU);
                TensorScope _ = TensorScope.open()) {
            LatentGrid eightByEight = new LatentGrid(8, 8, 1);
            Tiling tiling = new Tiling(new Axis.Size(24, 8), new Axis.Size(24, 8), new Axis.Size(16, 8));
            TileGrid grid = TileGrid.forDecoding(tiling, eightByEight, 5, 4, 4);
            SortedMap<String, Tensor> traces = golden.traces();
            assertMasks(traces, "mask_t", grid.time());
            assertMasks(traces, "mask_h", grid.height());
            assertMasks(traces, "mask_w", grid.width());
            LongStream.Builder ranges = LongStream.builder();
            for (TileGrid.Segment time : grid.time()) {
                for (TileGrid.Segment height : grid.height()) {
                    for (TileGrid.Segment width : grid.width()) {
                        for (TileGrid.Segment segment : List.of(time, height, width)) {
                            ranges.add(segment.input().start())
                                    .add(segment.input().end());
                        }
                    }
                }
            }
            assertArrayEquals(
                    traces.get("tile_latent_ranges").toLongArray(),
                    ranges.build().toArray());
            assertTrue(grid.isComplementary());
        }
    }

    @ParameterizedTest(name = "{0} pixels high, {1} wide")
    @CsvSource({
        "512, 768, 512, 768",
        "704, 1280, 416, 768",
        "1088, 1920, 448, 768",
        "1920, 1088, 768, 448",
        "64, 1920, 96, 768",
        "640, 640, 768, 768"
    })
    void theDefaultLayoutKeepsTheProportions(int height, int width, int tileHeight, int tileWidth) {
        assertEquals(
                new Tiling(new Axis.Size(80, 24), new Axis.Size(tileHeight, 64), new Axis.Size(tileWidth, 64)),
                Tiling.forDecoding(ZEROS, height, width));
    }

    @ParameterizedTest(name = "{0} latents in tiles of {1} that overlap by {2}")
    @CsvSource(delimiter = '|', textBlock = """
            16 | 80 | 24 | 0-10 0 3, 6-16 4 0
            10 | 80 | 24 | 0-10 0 0
            11 | 80 | 24 | 0-10 0 3, 6-11 4 0
            5  | 16 | 0  | 0-2 0 0, 1-4 1 0, 3-5 1 0
            """)
    void everyTileOfTimeButTheFirstStartsOneEarlier(long length, int tile, int overlap, String expected) {
        assertEquals(expected, describe(Interval.overTime(new Axis.Size(tile, overlap), length, 8)));
    }

    @ParameterizedTest(name = "{0} latents in {1} tiles that overlap by {2}")
    @CsvSource(delimiter = '|', textBlock = """
            10 | 3 | 1 | 0-4 0 1, 3-7 1 1, 6-10 1 0
            11 | 3 | 1 | 0-5 0 1, 4-8 1 1, 7-11 1 0
            7  | 2 | 0 | 0-4 0 0, 4-7 0 0
            """)
    void tilesCanBeCounted(long length, int tiles, int overlap, String expected) {
        assertEquals(expected, describe(Interval.overSpace(new Axis.Count(tiles, overlap), length, 32, 1)));
    }

    @Test
    void aRemainderThatCannotBeReflectedJoinsItsNeighbour() {
        Tiling tiling = new Tiling(WHOLE, new Axis.Size(64, 0), WHOLE);
        assertEquals(3, TileGrid.forDecoding(tiling, ZEROS, 1, 5, 2).tiles());
        TileGrid reflecting = TileGrid.forDecoding(tiling, REFLECT, 1, 5, 2);
        assertEquals(2, reflecting.tiles());
        assertEquals(3, reflecting.height().getLast().input().length());
    }

    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource({"256, 128, true", "256, 160, false", "256, 0, true"})
    void overlapsUpToHalfATileSumToOne(int tile, int overlap, boolean complementary) {
        Axis side = new Axis.Size(tile, overlap);
        TileGrid grid = TileGrid.forDecoding(new Tiling(WHOLE, side, side), ZEROS, 2, 20, 21);
        assertEquals(complementary, grid.isComplementary());
    }

    @Test
    void everyWrongAxisIsNamed() {
        Tiling wrong = new Tiling(new Axis.Size(80, 81), new Axis.Size(100, 32), new Axis.Count(0, 1));
        String message = assertThrows(IllegalArgumentException.class, () -> TileGrid.forDecoding(wrong, ZEROS, 4, 4, 4))
                .getMessage();
        assertTrue(message.contains("tiles of 80 frames that overlap by 81, expected multiples of 8"), message);
        assertTrue(message.contains("tiles of 100 height"), message);
        assertTrue(message.contains("0 tiles along width"), message);
    }

    @Test
    void encodingNeedsLongerOverlaps() {
        Tiling tiling = new Tiling(new Axis.Size(80, 8), new Axis.Size(256, 32), new Axis.Size(256, 64));
        assertEquals(1, TileGrid.forDecoding(tiling, ZEROS, 4, 4, 4).tiles());
        String message = assertThrows(
                        IllegalArgumentException.class, () -> TileGrid.forEncoding(tiling, ZEROS, 4, 4, 4))
                .getMessage();
        assertTrue(message.contains("an overlap of 16 or more"), message);
        assertTrue(message.contains("height") && !message.contains("width"), message);
        assertFalse(message.contains("0 tiles"), message);
    }

    private static void assertMasks(SortedMap<String, Tensor> traces, String name, List<TileGrid.Segment> segments) {
        for (int index = 0; index < segments.size(); index++) {
            assertArrayEquals(
                    traces.get("%s.%d".formatted(name, index)).toFloatArray(),
                    segments.get(index).result().weights(),
                    1e-6f,
                    name + index);
        }
        assertFalse(traces.containsKey("%s.%d".formatted(name, segments.size())), name);
    }

    private static String describe(List<Interval> intervals) {
        return String.join(
                ", ",
                intervals.stream()
                        .map(interval -> "%d-%d %d %d"
                                .formatted(interval.start(), interval.end(), interval.leftRamp(), interval.rightRamp()))
                        .toList());
    }
}
