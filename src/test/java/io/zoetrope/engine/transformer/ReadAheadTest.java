package io.zoetrope.engine.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.engine.checkpoint.Checkpoint;
import io.zoetrope.engine.checkpoint.MappedPages;
import io.zoetrope.engine.checkpoint.SafetensorsWriter;
import io.zoetrope.engine.checkpoint.WeightStorage;
import io.zoetrope.engine.checkpoint.Weights;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorArena;
import io.zoetrope.engine.tensor.TensorScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reading ahead changes when weights are read, and nothing else.
@Timeout(60)
class ReadAheadTest {

    private static final int BLOCKS = 3;
    private static final int PARTS = 4;
    private static final int ELEMENTS = 1 << 20;
    private static final long BLOCK_BYTES = (long) PARTS * ELEMENTS * Float.BYTES;

    @TempDir
    Path folder;

    /// With room for no block, for some, and for all.
    @ParameterizedTest
    @ValueSource(longs = {0, 200_000, Long.MAX_VALUE})
    void aPassGivesTheSameBits(long room) {
        try (TensorArena arena = new TensorArena()) {
            Checkpoint checkpoint = arena.own(TinyTransformer.open());
            TinyTransformer tiny =
                    TinyTransformer.load(checkpoint, DataType.BFLOAT16, WeightStorage.COMPUTE_TYPE, arena);
            Weights weights = tiny.weights();
            assertTrue(weights.under("transformer_blocks", 0).mapped().bytes() > 0);
            Transformer reading = Transformer.load(
                    tiny.transformer().config(), weights, blocks -> arena.own(ReadAhead.over(blocks, 1, () -> room)));
            float[] expected = tiny.velocities();
            assertArrayEquals(expected, tiny.velocities(reading));
            assertArrayEquals(expected, tiny.velocities(reading));
        }
    }

    @Test
    void theFileMayBeClosedAtOnceAfterIt() throws IOException {
        Path file = file();
        for (int block = 0; block < 2 * BLOCKS; block++) {
            try (Checkpoint checkpoint = Checkpoint.open(List.of(file))) {
                List<MappedPages> blocks = blocks(checkpoint);
                blocks.forEach(MappedPages::load);
                blocks.forEach(MappedPages::letGo);
                try (ReadAhead readAhead = ReadAhead.over(blocks, 1, () -> 0)) {
                    for (int used = 0; used <= block; used++) {
                        readAhead.begin(used % BLOCKS);
                    }
                }
            }
        }
    }

    @Test
    void blocksMayBeUsedInAnyOrder() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file()));
                ReadAhead readAhead = ReadAhead.over(blocks(checkpoint), 1, () -> BLOCK_BYTES);
                TensorScope _ = TensorScope.open()) {
            for (int block : new int[] {2, 2, 0, 1, 1, 0}) {
                readAhead.begin(block);
                assertEquals(
                        (double) block * ELEMENTS,
                        checkpoint.tensor(block + ".part0").sum().item());
            }
        }
    }

    @Test
    void aFileThatWasCutOffIsAnErrorNotTheEndOfTheProcess() throws IOException {
        Path file = file();
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file));
                ReadAhead readAhead = ReadAhead.over(blocks(checkpoint), 1, () -> 0)) {
            readAhead.begin(0);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - BLOCK_BYTES);
            }
            IllegalStateException failed = assertThrows(IllegalStateException.class, () -> readAhead.begin(BLOCKS - 1));
            assertEquals("weights of block 2 cannot be read", failed.getMessage());
        }
    }

    @Test
    void anInterruptedThreadGoesOnAndStaysInterrupted() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(List.of(file()))) {
            try (ReadAhead readAhead = ReadAhead.over(blocks(checkpoint), 1, () -> 0)) {
                Thread.currentThread().interrupt();
                readAhead.begin(0);
                readAhead.begin(1);
            }
            assertTrue(Thread.interrupted());
        }
    }

    private static List<MappedPages> blocks(Checkpoint checkpoint) {
        return IntStream.range(0, BLOCKS)
                .mapToObj(block -> MappedPages.of(checkpoint, block + "."))
                .toList();
    }

    private Path file() throws IOException {
        Path file = folder.resolve("blocks.safetensors");
        TreeMap<String, SafetensorsWriter.Layout> layouts = new TreeMap<>();
        for (int block = 0; block < BLOCKS; block++) {
            for (int part = 0; part < PARTS; part++) {
                layouts.put(block + ".part" + part, new SafetensorsWriter.Layout(DataType.FLOAT32, ELEMENTS));
            }
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(
                    out,
                    layouts,
                    Map.of(),
                    name -> Tensor.ones(DataType.FLOAT32, Device.CPU, ELEMENTS)
                            .times(Character.digit(name.charAt(0), 10)));
        }
        return file;
    }
}
