package io.zoetrope.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Native memory that grows at its end.
final class NativeBuffer implements AutoCloseable {

    private static final long SMALLEST = 1 << 16;

    private Arena arena = newArena();
    private MemorySegment memory = MemorySegment.NULL;
    private long size;

    /// Makes room for at least `bytes` bytes in all, so that growing up to there copies nothing.
    void reserve(long bytes) {
        if (bytes <= memory.byteSize()) {
            return;
        }
        Arena next = newArena();
        MemorySegment larger;
        try {
            larger = next.allocate(bytes, Long.BYTES);
        } catch (OutOfMemoryError e) {
            next.close();
            throw e;
        }
        MemorySegment.copy(memory, 0, larger, 0, size);
        arena.close();
        arena = next;
        memory = larger;
    }

    /// Appends `bytes` bytes and returns them, to be filled.
    MemorySegment append(long bytes) {
        if (size + bytes > memory.byteSize()) {
            reserve(Math.max(size + bytes, Math.max(SMALLEST, memory.byteSize() + memory.byteSize() / 2)));
        }
        size += bytes;
        return memory.asSlice(size - bytes, bytes);
    }

    long size() {
        return size;
    }

    /// The first `bytes` bytes. Valid until the buffer grows or is closed.
    MemorySegment first(long bytes) {
        return memory.asSlice(0, bytes);
    }

    @Override
    public void close() {
        arena.close();
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by this buffer
    private static Arena newArena() {
        return Arena.ofShared();
    }
}
