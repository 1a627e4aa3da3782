package io.zoetrope.engine.transformer;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Brings the weights of a block from the disk into memory while the blocks before it compute, so that a transformer
/// may be larger than the memory of its machine: its weights are views of mapped files, and the system drops them
/// again as it needs room.
///
/// Of what is in memory already, a look at each page is all that it takes. Small blocks are left to the system.
final class ReadAhead implements AutoCloseable {

    private static final long SMALLEST = 32L << 20;
    private static final long SECONDS_TO_END = 60;

    private final List<List<MemorySegment>> blocks;
    private final ExecutorService reader; // null if there is nothing worth reading

    private ReadAhead(List<List<MemorySegment>> blocks, ExecutorService reader) {
        this.blocks = blocks;
        this.reader = reader;
    }

    /// @param blocks the mapped parts of each block's weights
    static ReadAhead over(List<List<MemorySegment>> blocks) {
        long largest = blocks.stream()
                .mapToLong(block ->
                        block.stream().mapToLong(MemorySegment::byteSize).sum())
                .max()
                .orElse(0);
        if (largest < SMALLEST) {
            return new ReadAhead(blocks, null);
        }
        // If reading falls behind computing, what was missed is not read for nothing.
        return new ReadAhead(
                blocks,
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(1),
                        Thread.ofPlatform().name("read-ahead").daemon().factory(),
                        new ThreadPoolExecutor.DiscardOldestPolicy()));
    }

    /// A block begins to compute; the one after it is wanted next, after the last one the first.
    void after(int block) {
        if (reader != null) {
            reader.execute(() -> blocks.get((block + 1) % blocks.size()).forEach(MemorySegment::load));
        }
    }

    @Override
    public void close() {
        if (reader == null) {
            return;
        }
        reader.shutdownNow();
        try {
            if (!reader.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a block is still being read after %d s".formatted(SECONDS_TO_END));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
