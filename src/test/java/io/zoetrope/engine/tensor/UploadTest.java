package io.zoetrope.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UploadTest {

    /// A device that reads a half as late as it may: when it is waited for.
    private static final class LateLine implements Upload.Line {

        private record Sent(int half, Tensor target) {}

        private final MemorySegment[] halves;
        private final long size;
        private final List<Sent> sent = new ArrayList<>();
        private final List<String> order = new ArrayList<>();

        LateLine(Arena arena, long size) {
            this.size = size;
            this.halves = new MemorySegment[] {arena.allocate(size), arena.allocate(size)};
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public MemorySegment half(int index) {
            return halves[index];
        }

        @Override
        public void send(int index, Tensor target) {
            sent.add(new Sent(index, target.share().retain()));
            order.add("send " + index);
        }

        @Override
        public void await(int index) {
            order.add("await " + index);
            sent.removeIf(waiting -> waiting.half() == index && read(waiting));
        }

        private boolean read(Sent waiting) {
            try (Tensor target = waiting.target()) {
                target.memory().copyFrom(halves[waiting.half()].asSlice(0, target.bytes()));
            }
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 12, 60, 64, 128, 1024})
    void whatArrivesIsWhatWasSentWhereverTheHalvesCutIt(long half) {
        try (Arena arena = Arena.ofConfined();
                TensorScope _ = TensorScope.open()) {
            LateLine line = new LateLine(arena, half);
            Upload upload = new Upload(line);
            Tensor first = Tensor.range(35, DataType.FLOAT32).view(5, 7);
            Tensor second = Tensor.range(24, DataType.INT64).view(2, 3, 4).permute(2, 0, 1);
            Tensor firstCopy = upload.copy(first, Device.CPU);
            Tensor secondCopy = upload.copy(second, Device.CPU);
            line.await(0);
            line.await(1);
            assertArrayEquals(first.shape(), firstCopy.shape());
            assertArrayEquals(first.toFloatArray(), firstCopy.toFloatArray());
            assertArrayEquals(second.shape(), secondCopy.shape());
            assertArrayEquals(second.toLongArray(), secondCopy.toLongArray());
        }
    }

    @Test
    void halvesTakeTurnsAndAreWaitedForBeforeTheyAreFilledAgain() {
        try (Arena arena = Arena.ofConfined();
                TensorScope _ = TensorScope.open()) {
            LateLine line = new LateLine(arena, 16);
            Upload upload = new Upload(line);
            Tensor _ = upload.copy(Tensor.range(10, DataType.FLOAT32), Device.CPU); // 40 bytes: three parts
            Tensor _ = upload.copy(Tensor.range(2, DataType.FLOAT32), Device.CPU);
            assertEquals(
                    List.of("await 0", "send 0", "await 1", "send 1", "await 0", "send 0", "await 1", "send 1"),
                    line.order);
            line.await(0);
            line.await(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeKeepsItsBits(DataType type) {
        try (Arena arena = Arena.ofConfined();
                TensorScope _ = TensorScope.open()) {
            LateLine line = new LateLine(arena, 8);
            Upload upload = new Upload(line);
            Tensor scalar = Tensor.ones(DataType.FLOAT32, Device.CPU).to(type);
            Tensor row = Tensor.range(9, DataType.FLOAT32).to(type);
            Tensor scalarCopy = upload.copy(scalar, Device.CPU);
            Tensor rowCopy = upload.copy(row, Device.CPU);
            Tensor nothing = upload.copy(row.narrow(0, 0, 0), Device.CPU);
            line.await(0);
            line.await(1);
            assertEquals(type, rowCopy.type());
            assertEquals(0, scalarCopy.rank());
            assertEquals(1, scalarCopy.to(DataType.FLOAT32).item());
            assertArrayEquals(row.toFloatArray(), rowCopy.toFloatArray());
            assertEquals(0, nothing.count());
        }
    }

    @Test
    void theHostsOwnTensorsStayWhereTheyAre() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor large = Tensor.zeros(DataType.FLOAT32, Device.CPU, 1 << 19);
            assertEquals(
                    large.memory().address(),
                    Upload.to(Device.CPU, large).memory().address());
        }
    }

    @Test
    void aShortcutThatFailsIsGivenUpForGoodButNotForLackOfMemory() {
        Shortcut shortcut = new Shortcut("trick", "the plain way is gone");
        assertEquals("fast", shortcut.orElse(() -> "fast", () -> "plain"));
        var full = assertThrows(
                IllegalStateException.class,
                () -> shortcut.orElse(
                        () -> {
                            throw new IllegalStateException("CUDA out of memory. Tried to allocate 2.00 GiB");
                        },
                        () -> "plain"));
        assertTrue(full.getMessage().contains("out of memory"));
        assertTrue(shortcut.isOpen());
        assertEquals(
                "plain",
                shortcut.orElse(
                        () -> {
                            throw new ExceptionInInitializerError("no jnicudart");
                        },
                        () -> "plain"));
        assertFalse(shortcut.isOpen());
        assertEquals("plain", shortcut.orElse(() -> "fast", () -> "plain"));
    }

    @Test
    void withoutADriverNothingIsPinned() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor tensor = Tensor.zeros(DataType.UINT8, Device.CPU, 16);
            if (Device.cudaDevices() == 0) {
                assertThrows(RuntimeException.class, () -> CudaPinned.copied(tensor));
            } else {
                assertEquals(16, CudaPinned.copied(tensor).bytes());
            }
        }
    }
}
